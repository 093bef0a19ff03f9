/**
 * Orders two RFC 3339 instants in UTC by all their fraction digits, which milliseconds would lose:
 * negative when the first is earlier. Texts that are not in UTC compare by their milliseconds.
 */
export function compareBrokerInstants(left: string, right: string): number {
  if (left === right) return 0;
  const [leftSecond, leftFraction] = split(left);
  const [rightSecond, rightFraction] = split(right);
  return leftSecond - rightSecond || leftFraction - rightFraction;
}

function split(text: string): readonly [number, number] {
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  const second = Date.parse(text.replace(/\.\d+/, ''));
  return [Number.isNaN(second) ? 0 : second, Number(fraction.padEnd(9, '0'))];
}
