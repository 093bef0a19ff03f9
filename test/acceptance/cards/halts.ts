import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench } from '../bench.js';
import { type Card, MARKET_CLOSED, NotSeen } from '../card.js';
import { releaseHalt } from '../leave-nothing.js';

/** Halted: the entry that rested is canceled, the cancel verified, and nothing new is sent. */
async function haltWith(bench: Bench, engage: () => Promise<void>): Promise<void> {
  const limitPrice = bench.priceOff(-10);
  const resting = await bench.submit({ side: 'buy', type: 'limit', limitPrice });
  await engage();
  await bench.untilState(resting.clientOrderId, 'canceled');
  await bench.see('the cancel is verified at the broker', async () => {
    const { mode, causes } = await bench.system.client.haltState();
    return mode === 'halted' && causes.every(({ cancel }) => cancel === 'complete');
  });
  const { clientOrderId, state, detail } = await bench.submit({ side: 'buy' });
  if (state !== 'denied' || detail?.startsWith('halted: ') !== true) {
    throw new NotSeen(`denied because of the halt, found ${clientOrderId}: ${state}: ${detail}`);
  }
  await releaseHalt(bench);
  const again = await bench.submit({ side: 'buy' });
  await bench.untilState(again.clientOrderId, 'filled');
}

const COMMON = {
  purpose: 'Each way of halting is enough by itself, and ends only by a release.',
  expected: [
    'the entry canceled, verified at the broker',
    'a new order denied with the code halted',
    'after the release the next order fills',
  ],
  ...MARKET_CLOSED,
} as const;

/** The three ways to halt, and the release. */
export const HALT_CARDS: readonly Card[] = [
  {
    ...COMMON,
    number: 40,
    title: 'Halt by file',
    steps: ['Rest an entry.', 'Make data/KILL_SWITCH.', 'Send an order.', 'Release.', 'Buy one.'],
    run: (bench) =>
      haltWith(bench, async () => {
        writeFileSync(join(bench.system.dataDirectory, 'KILL_SWITCH'), '');
      }),
  },
  {
    ...COMMON,
    number: 41,
    title: 'Halt by command',
    steps: ['Rest an entry.', 'ordinis halt.', 'Send an order.', 'Release.', 'Buy one.'],
    run: (bench) =>
      haltWith(bench, async () => {
        const end = await bench.system.command(['halt', '--by', 'acceptance']);
        bench.note(`ordinis halt: exit code ${end.code}: ${end.lines.at(-1)}`);
        if (end.code !== 0) throw new NotSeen(`exit code 0, found ${end.complaints.join(' ')}`);
      }),
  },
  {
    ...COMMON,
    number: 42,
    title: 'Halt by Temporal signal',
    steps: ['Rest an entry.', 'Signal halt.', 'Send an order.', 'Release.', 'Buy one.'],
    run: (bench) =>
      haltWith(bench, () =>
        bench.system.client.signalHalt({
          reason: 'manual',
          message: 'an acceptance card',
          triggeredBy: 'acceptance',
          metadata: {},
          cancel: 'keep-protection',
        }),
      ),
  },
];
