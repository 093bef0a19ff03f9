import { assert } from '../values/index.js';
import type { CumulativeInterval } from './fill.js';

/** A recorded fill as far as reversals care. */
export interface RecordedFill extends CumulativeInterval {
  readonly fillId: string;
  readonly kind: 'execution' | 'inferred' | 'reversal';
  readonly reversesFillId: string | null;
  readonly replacesFillId: string | null;
}

/** The fills that count: no reversals, and nothing that one of them has taken back. */
export function liveFills<Fill extends RecordedFill>(recorded: readonly Fill[]): readonly Fill[] {
  const reversed = reversedIds(recorded);
  return recorded.filter((fill) => fill.kind !== 'reversal' && !reversed.has(fill.fillId));
}

/** Whether some of these are only inferred. */
export function holdsGuess(live: readonly Pick<RecordedFill, 'kind'>[]): boolean {
  return live.some(({ kind }) => kind === 'inferred');
}

/** The fills that were taken back, each with its reversal. */
export function reversedFills<Fill extends RecordedFill>(
  recorded: readonly Fill[],
): readonly { readonly fill: Fill; readonly reversal: Fill }[] {
  const byId = new Map(recorded.map((fill) => [fill.fillId, fill]));
  return recorded.flatMap((reversal) => {
    const fill = reversal.reversesFillId === null ? undefined : byId.get(reversal.reversesFillId);
    return fill === undefined ? [] : [{ fill, reversal }];
  });
}

/**
 * The fills that count, in the order in which they happened: as they were recorded, except that a
 * fill that replaces a reversed one stands where that one stood. Whatever the evidence came in, the
 * same executions end in the same order, and so in the same cost and the same trades.
 */
export function liveFillsInPlace<Fill extends RecordedFill>(
  recorded: readonly Fill[],
): readonly Fill[] {
  const places = new Map<string, number>();
  for (const [index, fill] of recorded.entries()) {
    const place = fill.replacesFillId === null ? index : places.get(fill.replacesFillId);
    assert(place !== undefined, `expected ${fill.replacesFillId ?? ''} before ${fill.fillId}`);
    places.set(fill.fillId, place);
  }
  const placeOf = (fill: Fill): number => places.get(fill.fillId) ?? 0;
  return liveFills(recorded).toSorted(
    (left, right) =>
      placeOf(left) - placeOf(right) || left.cumulativeBefore - right.cumulativeBefore,
  );
}

function reversedIds(recorded: readonly RecordedFill[]): ReadonlySet<string> {
  return new Set(recorded.flatMap((fill) => fill.reversesFillId ?? []));
}
