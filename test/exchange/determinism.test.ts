import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { epochMs, price, wholeUnits, wholeUsd } from '../../domain/values/index.js';
import { faultSchema } from '../../exchange/faults/fault-rule.js';
import { openSyntheticMarket } from '../../exchange/market/index.js';
import { drawRandom, randomStateOf } from '../../exchange/matching/index.js';
import type { Command } from '../../exchange/run/command.js';
import { ExchangeRun } from '../../exchange/run/exchange-run.js';
import { orderOf, SYMBOL } from './matching-scene.js';

const SEEDS = 200;
const MINUTES = 45;

/** One account at a turbulent made-up market, and every command that moved it. */
function openRun(seed: string) {
  const source = openSyntheticMarket({
    seed,
    date: '2024-07-03',
    symbols: [SYMBOL],
    isRolling: false,
    isTurbulent: true,
  });
  const run = new ExchangeRun({
    seed,
    startingCash: wholeUsd(100_000),
    partialFillShare: 0.3,
    openLeadMinutes: 1,
    washTradeGuard: 'crossing',
    hasExtendedHours: false,
    hardToBorrow: [],
    source,
  });
  const commands: Command[] = [];
  run.listen({ record: (command) => commands.push(command), publish: () => {} });
  return { run, commands };
}

const FAULTS: readonly unknown[] = [
  { match: { event: 'fill', probability: 0.3, times: null }, action: { kind: 'mute_event' } },
  { match: { event: 'new', nth: 2 }, action: { kind: 'dup_event' } },
  { match: { method: 'POST', times: 3, probability: 0.5 }, action: { kind: 'pend_forever' } },
];

/** A session in which a client does what the seed says. */
function trade(run: ExchangeRun, seed: string): void {
  let state = randomStateOf(`${seed}/client`);
  const below = (count: number): number => {
    const draw = drawRandom(state);
    state = draw.state;
    return Math.floor(draw.value * count);
  };
  for (const fault of FAULTS) run.addFault(faultSchema.parse(fault), run.lastStampedMs);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    run.advance();
    for (let count = below(4); count > 0; count -= 1) act(run, below);
  }
  run.removeFaults(null, run.lastStampedMs);
}

function act(run: ExchangeRun, below: (count: number) => number): void {
  const atMs = epochMs(run.lastStampedMs + 1);
  const { book, ledger } = run.engine;
  const last = ledger.marksOf(SYMBOL).lastTrade?.price ?? price(100_000_000_000);
  const cents = Math.floor(last / 10_000_000) + below(60) - 30;
  const target = book.all()[below(book.size + 1)];
  const choice = below(10);
  if (choice < 6 || target === undefined) {
    const type = ['market', `limit ${cents / 100}`, `stop ${cents / 100}`][below(3)];
    const words = `${below(2) === 0 ? 'buy' : 'sell'} ${1 + below(50)} ${type} day`;
    const facts = { method: 'POST', path: '/v2/orders', clientOrderId: null };
    const asked = { facts, requestId: `${book.size}`, atMs, receivedWallMs: 0 };
    const fault = run.matchRequest(asked);
    const stuck = { faultId: fault?.id ?? '', handling: 'stuck' as const };
    run.place(orderOf(words), atMs, fault === null ? undefined : stuck);
  } else if (choice < 8) {
    run.cancel(target.id, atMs);
  } else if (below(8) === 0) {
    const status = below(2) === 0 ? 'hard_to_borrow' : 'easy_to_borrow';
    run.changeBorrow({ symbol: SYMBOL, status, from: 'now' }, atMs);
  } else {
    const quantity = wholeUnits(1 + below(80));
    const rest = { clientOrderId: null, limitPrice: null, stopPrice: null, timeInForce: null };
    run.replace({ orderId: target.id, change: { ...rest, quantity }, atMs });
  }
}

function hashOf(run: ExchangeRun): string {
  const entries = run.journal.after(0, Number.MAX_SAFE_INTEGER);
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}

describe('exchange: determinism', () => {
  it(`${SEEDS} seeds, each run twice → equal journals, byte for byte; no two seeds alike`, () => {
    const hashes = new Set<string>();
    let executions = 0;
    for (let index = 0; index < SEEDS; index += 1) {
      const seed = `seed-${index}`;
      const [first, second] = [openRun(seed), openRun(seed)];
      for (const { run } of [first, second]) trade(run, seed);
      expect(hashOf(second.run), seed).toBe(hashOf(first.run));
      hashes.add(hashOf(first.run));
      executions += first.run.fills.length;
    }
    expect(hashes.size).toBe(SEEDS);
    expect(executions).toBeGreaterThan(SEEDS * 10);
  }, 300_000);

  it('a run told again by its commands → the same journal and the same state', () => {
    for (let index = 0; index < 20; index += 1) {
      const seed = `again-${index}`;
      const { run, commands } = openRun(seed);
      trade(run, seed);
      const again = openRun(seed).run;
      for (const command of JSON.parse(JSON.stringify(commands)) as Command[]) {
        again.replay(command);
      }
      expect(hashOf(again)).toBe(hashOf(run));
      expect(again.engine.snapshot()).toEqual(run.engine.snapshot());
    }
  });
});
