/** The wall clock with fractions of a millisecond, as the exchange stamps what it receives. */
export function wallInstantMs(): number {
  return performance.timeOrigin + performance.now();
}
