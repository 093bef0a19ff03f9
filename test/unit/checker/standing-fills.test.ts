import { describe, expect, it } from 'vitest';
import { standingFills, unsoundReversals } from '../../checker/standing-fills.js';
import { soundSides } from './sound-sides.js';

const [first, second] = soundSides().books.fills;

function reversalOf(fill: NonNullable<typeof first>): NonNullable<typeof first> {
  const fill_id = `${fill.fill_id}/reversal`;
  return { ...fill, fill_id, kind: 'reversal', reverses_fill_id: fill.fill_id };
}

describe('checker: fills that stand', () => {
  it('a reversed fill and its reversal → neither; what replaces it → in its place', () => {
    if (first === undefined || second === undefined) throw new Error('expected two fills');
    const again = { ...first, fill_id: 'again', replaces_fill_id: first.fill_id };
    const rows = [first, second, reversalOf(first), again];
    expect(standingFills(rows).map((fill) => fill.fill_id)).toEqual(['again', 'fill-2']);
    expect(unsoundReversals(rows)).toEqual([]);
  });

  it('a reversal twice, of nothing, or for other money → named', () => {
    if (first === undefined) throw new Error('expected a fill');
    const reversal = reversalOf(first);
    const more = { ...reversal, fill_id: 'more', notional_micros: 1n };
    expect(unsoundReversals([first, reversal, reversal])).toHaveLength(1);
    expect(unsoundReversals([reversal])).toHaveLength(1);
    expect(unsoundReversals([first, more])).toHaveLength(1);
  });
});
