const ANYTHING = '…';

/**
 * The first line of a page's sample output that a command did not print, or null. The lines must
 * come in the order of the page, with any others between. Numbers stand for any number, runs of
 * spaces for any run, and an ellipsis for anything.
 */
export function firstLineMissing(
  sample: readonly string[],
  printed: readonly string[],
): string | null {
  const plain = printed.map(withoutFigures);
  let from = 0;
  for (const line of sample) {
    const pattern = patternOf(line);
    const at = plain.findIndex((text, index) => index >= from && pattern.test(text));
    if (at < 0) return line;
    from = isOnlyAnything(line) ? from : at + 1;
  }
  return null;
}

function isOnlyAnything(line: string): boolean {
  return line.trim() === ANYTHING || line.trim() === '';
}

function patternOf(line: string): RegExp {
  if (isOnlyAnything(line)) return /(?:)/;
  const parts = withoutFigures(line).split(ANYTHING).map(escaped);
  return new RegExp(`^${parts.join('.*')}$`);
}

function withoutFigures(text: string): string {
  return text
    .replace(/-?\d(?:[\d,.]*\d)?/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
