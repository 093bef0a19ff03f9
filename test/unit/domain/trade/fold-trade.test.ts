import { describe, expect, it } from 'vitest';
import { applyFill, flatPosition } from '../../../../domain/position/index.js';
import {
  averageEntry,
  averageExit,
  countLosingStreak,
  durationMs,
  foldTrade,
  netPnl,
  type Trade,
  type TradeFill,
  type TradeInProgress,
} from '../../../../domain/trade/index.js';
import {
  epochMs,
  formatUsd,
  notionalRounded,
  parsePrice,
  parseUsd,
  type Price,
  usd,
  wholeUnits,
  wholeUsd,
} from '../../../../domain/values/index.js';

interface Line {
  readonly side: 'buy' | 'sell';
  readonly units: number;
  readonly at: string;
  readonly fee?: string;
  readonly decided?: string;
  readonly strategy?: string;
}

describe('foldTrade', () => {
  it('two buys and two sells → one trade with everything in it', () => {
    const { closed, open } = fold([
      { side: 'buy', units: 100, at: '10', fee: '1', decided: '9.99' },
      { side: 'buy', units: 50, at: '10.3', fee: '0.5', decided: '10.35' },
      { side: 'sell', units: 30, at: '10.5', fee: '0.25', decided: '10.5' },
      { side: 'sell', units: 120, at: '10.2', fee: '1.25', decided: '10.25' },
    ]);
    expect(open).toBeNull();
    expect(closed).toEqual([
      {
        tradeId: 'fill-1',
        symbol: 'SPY',
        strategy: 'cross',
        side: 'long',
        entryQuantity: wholeUnits(150),
        entryNotional: wholeUsd(1515),
        exitQuantity: wholeUnits(150),
        exitNotional: wholeUsd(1539),
        realizedPnl: wholeUsd(24),
        fees: wholeUsd(3),
        // Worse by 1, better by 2.50, even, worse by 6.
        slippage: parseUsd('4.5'),
        entryFillIds: ['fill-1', 'fill-2'],
        exitFillIds: ['fill-3', 'fill-4'],
        openedAtMs: 1000,
        closedAtMs: 4000,
      },
    ]);
    const trade = closed[0] as Trade;
    expect(formatUsd(netPnl(trade))).toBe('21');
    expect(durationMs(trade)).toBe(3000);
    expect([averageEntry(trade), averageExit(trade)]).toEqual([priceOf('10.1'), priceOf('10.26')]);
  });

  it('a flip → closes one trade and opens the next with the rest of fill, fee and slippage', () => {
    const { closed, open } = fold([
      { side: 'sell', units: 10, at: '20', strategy: 'short-seller' },
      { side: 'buy', units: 40, at: '19', fee: '4', decided: '18.9', strategy: 'cross' },
    ]);
    expect(closed).toMatchObject([
      {
        side: 'short',
        strategy: 'short-seller',
        realizedPnl: wholeUsd(10),
        fees: wholeUsd(1),
        slippage: wholeUsd(1),
        exitFillIds: ['fill-2'],
        closedAtMs: 2000,
      },
    ]);
    expect(open).toMatchObject({
      tradeId: 'fill-2',
      side: 'long',
      strategy: 'cross',
      entryQuantity: wholeUnits(30),
      entryNotional: wholeUsd(570),
      fees: wholeUsd(3),
      slippage: wholeUsd(3),
      closedAtMs: null,
    });
  });

  it.each([
    ['buy above the decision → worse', 'buy', '10.01', '1'],
    ['buy below it → better', 'buy', '9.99', '-1'],
    ['sell below it → worse', 'sell', '9.99', '1'],
    ['sell above it → better', 'sell', '10.01', '-1'],
  ] as const)('slippage: %s', (_name, side, at, expected) => {
    const { open } = fold([{ side, units: 100, at, decided: '10' }]);
    expect(open && formatUsd(open.slippage)).toBe(expected);
  });

  it('a sale of shares that no known trade bought → no trade', () => {
    const held = applyFill(flatPosition('SPY', epochMs(0)), toFill({ ...BUY, units: 10 }, 1));
    const sale = toFill({ side: 'sell', units: 10, at: '11' }, 2);
    const folded = foldTrade(null, sale, applyFill(held.position, sale));
    expect(folded).toEqual({ closed: null, inProgress: null });
  });

  it('an exit stamped before its entry → the trade lasts no time, not a negative one', () => {
    const entry = toFill(BUY, 5);
    const exit = toFill({ ...BUY, side: 'sell' }, 3);
    const opened = applyFill(flatPosition('SPY', epochMs(0)), entry);
    const { inProgress } = foldTrade(null, entry, opened);
    const { closed } = foldTrade(inProgress, exit, applyFill(opened.position, exit));
    expect(closed && durationMs(closed)).toBe(0);
  });
});

describe('countLosingStreak', () => {
  it.each([
    [0, -1, 1],
    [4, -5_000_000, 5],
    [4, 0, 4],
    [0, 0, 0],
    [4, 1, 0],
  ])('%i in a row, then %i micro-dollars → %i', (streak, pnl, expected) => {
    expect(countLosingStreak(streak, usd(pnl))).toBe(expected);
  });

  it('a count that is none → an assertion', () => {
    expect(() => countLosingStreak(-1, usd(0))).toThrow(/expected a count/);
  });
});

const BUY: Line = { side: 'buy', units: 1, at: '10' };

function fold(lines: readonly Line[]): {
  readonly closed: readonly Trade[];
  readonly open: TradeInProgress | null;
} {
  let position = flatPosition('SPY', epochMs(0));
  let open: TradeInProgress | null = null;
  const closed: Trade[] = [];
  for (const [index, line] of lines.entries()) {
    const fill = toFill(line, index + 1);
    const change = applyFill(position, fill);
    const folded = foldTrade(open, fill, change);
    position = change.position;
    open = folded.inProgress;
    if (folded.closed !== null) closed.push(folded.closed);
  }
  return { closed, open };
}

function toFill(line: Line, second: number): TradeFill {
  const [units, at] = [wholeUnits(line.units), priceOf(line.at)];
  return {
    fillId: `fill-${second}`,
    strategy: line.strategy ?? 'cross',
    symbol: 'SPY',
    side: line.side,
    quantity: units,
    price: at,
    notional: notionalRounded(at, units),
    fee: parseUsd(line.fee ?? '0') ?? usd(0),
    decisionPrice: line.decided === undefined ? null : priceOf(line.decided),
    atMs: epochMs(second * 1000),
  };
}

function priceOf(text: string): Price {
  const parsed = parsePrice(text);
  if (parsed === null) throw new Error(`expected a price, found ${text}`);
  return parsed;
}
