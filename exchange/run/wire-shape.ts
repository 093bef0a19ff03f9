const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
/** A word of an enumeration says what it is; anything else is one of many of its kind. */
const WORD = /^[a-z_]*$/;

/**
 * What a JSON value is like, without saying which of its kind it is: two bodies of one shape fit
 * the same documents.
 */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return `"${WORD.test(value) ? value : kindOf(value)}"`;
  if (typeof value === 'number') return Number.isInteger(value) ? '1' : '1.5';
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].sort().join()}]`;
  if (typeof value !== 'object') return JSON.stringify(value) ?? 'nothing';
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}:${shapeOf(member)}`)
    .join()}}`;
}

function kindOf(text: string): string {
  return text
    .replace(UUID, 'U')
    .replace(/[0-9]+/g, '1')
    .replace(/[A-Z]+/g, 'A')
    .replace(/[a-z]{2,}/g, 'a');
}
