/** A table in Markdown. Cells are plain text or inline code; a bar in a cell is escaped. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A page: what it is made from and by which command, then its lines. */
export function page(source: string, lines: readonly string[]): string {
  const [title = '', ...rest] = lines;
  const origin = `<!-- Made by \`npm run docs\` from ${source}. Edit that, not this. -->`;
  return `${[title, '', origin, '', ...rest].join('\n').trimEnd()}\n`;
}
