import { describe, expect, it } from 'vitest';
import { heardTrades, type ToldFrame } from '../../../../domain/order/index.js';
import { epochMs, price, wholeUnits } from '../../../../domain/values/index.js';

/** The second frame of an order that had filled two units before. */
const SECOND: ToldFrame = {
  kind: 'execution',
  executionId: 'b',
  previousExecutionId: null,
  price: price(145_000_000_000),
  quantity: wholeUnits(3),
  cumulative: wholeUnits(5),
  atMs: epochMs(2),
};
const FIRST: ToldFrame = {
  ...SECOND,
  executionId: 'a',
  quantity: wholeUnits(2),
  cumulative: wholeUnits(2),
  atMs: epochMs(1),
};

function namesOf(...heard: readonly ToldFrame[]): readonly (string | null)[] {
  return heardTrades(heard).standing.map(({ executionId }) => executionId);
}

function corrected(previous: string, executionId: string): ToldFrame {
  return { ...SECOND, kind: 'correct', executionId, previousExecutionId: previous };
}

describe('heardTrades', () => {
  it('each where it was told, twice or once', () => {
    const { standing, gone } = heardTrades([FIRST, SECOND, FIRST]);
    const [first, second, ...others] = standing;
    expect(first).toMatchObject({ cumulativeBefore: 0, cumulativeAfter: wholeUnits(2) });
    expect(second).toMatchObject({ executionId: 'b', cumulativeBefore: wholeUnits(2) });
    expect([...others, ...gone]).toEqual([]);
  });

  it('a bust takes back the trade that it names, whichever of the two is heard first', () => {
    const bust: ToldFrame = { ...FIRST, kind: 'bust', executionId: null, previousExecutionId: 'a' };
    expect(namesOf(FIRST, SECOND, bust)).toEqual(['b']);
    expect(heardTrades([FIRST, SECOND, bust]).gone).toMatchObject([{ executionId: 'a' }]);
    expect(namesOf(bust, SECOND, FIRST)).toEqual(['b']);
    expect(namesOf(FIRST, { ...bust, previousExecutionId: null })).toEqual(['a']);
  });

  it('a correction of a correction stands alone', () => {
    expect(namesOf(SECOND, corrected('b', 'c'), corrected('c', 'd'))).toEqual(['d']);
    expect(namesOf(corrected('c', 'd'), corrected('b', 'c'), SECOND)).toEqual(['d']);
  });

  it('frames without a name are told apart by instant and quantity', () => {
    const nameless = { ...FIRST, executionId: null };
    expect(namesOf(nameless, { ...SECOND, executionId: null }, nameless)).toEqual([null, null]);
  });

  it('a correction behind which less is filled than the trade itself → from the bottom', () => {
    const [only] = heardTrades([{ ...corrected('b', 'c'), cumulative: wholeUnits(1) }]).standing;
    expect(only).toMatchObject({ cumulativeBefore: 0, cumulativeAfter: wholeUnits(3) });
  });
});
