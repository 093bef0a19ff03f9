import type { Row } from './books.js';

type Fill = Row<'fills'>;

/**
 * The fills that nothing has taken back, where they stand: one that replaces another stands there.
 */
export function standingFills(fills: readonly Fill[]): readonly Fill[] {
  const gone = new Set(fills.map((fill) => fill.reverses_fill_id));
  const places = new Map<string, number>();
  for (const [index, fill] of fills.entries()) {
    places.set(fill.fill_id, places.get(fill.replaces_fill_id ?? '') ?? index);
  }
  const placeOf = (fill: Fill): number => places.get(fill.fill_id) ?? 0;
  return fills
    .filter((fill) => fill.reverses_fill_id === null && !gone.has(fill.fill_id))
    .toSorted(
      (left, right) =>
        placeOf(left) - placeOf(right) ||
        (left.cumulative_before_nanos < right.cumulative_before_nanos ? -1 : 1),
    );
}

/** Rows that say of themselves that they take back what is there, once, for the same money. */
export function unsoundReversals(fills: readonly Fill[]): readonly string[] {
  const byId = new Map(fills.map((fill) => [fill.fill_id, fill]));
  const seen = new Set<string>();
  return fills.flatMap((reversal) => {
    const id = reversal.reverses_fill_id;
    if (id === null) return [];
    const fill = byId.get(id);
    const isRepeated = seen.has(id);
    seen.add(id);
    const isSame =
      fill !== undefined &&
      fill.side === reversal.side &&
      fill.notional_micros === reversal.notional_micros &&
      fill.cumulative_before_nanos === reversal.cumulative_before_nanos &&
      fill.cumulative_after_nanos === reversal.cumulative_after_nanos;
    if (isSame && !isRepeated) return [];
    return [`I3: reversal ${reversal.fill_id} takes back what is not there, or no longer`];
  });
}
