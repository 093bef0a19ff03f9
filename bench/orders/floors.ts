import { closeSync, fdatasyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openBenchExchange } from './exchange.js';
import type { NaiveShape } from './naive-shape.js';
import type { BenchStack } from './stack.js';
import { summarize, type Summary } from './statistics.js';
import { wallInstantMs } from './wall-instant.js';

/** What nothing can be quicker than, on this machine and at this hour. */
export interface Floors {
  /** Four KiB appended and synced, as each commit does. */
  readonly fdatasync: Summary;
  /** An order posted by bare fetch, until its answer. */
  readonly post: Summary;
  /** The same, until the exchange has it. */
  readonly postArrival: Summary;
  /** A workflow that does nothing, from start to result. */
  readonly emptyWorkflow: Summary;
}

const WARM_UP = 10;
const APPENDED_BYTES = 4_096;

export function measureFdatasync(dataDirectory: string, count: number): Summary {
  const descriptor = openSync(join(dataDirectory, 'floor.bin'), 'a', 0o600);
  const block = Buffer.alloc(APPENDED_BYTES, 1);
  try {
    return summarize(
      Array.from({ length: count }, () => {
        const startedAtMs = performance.now();
        writeSync(descriptor, block);
        fdatasyncSync(descriptor);
        return performance.now() - startedAtMs;
      }),
    );
  } finally {
    closeSync(descriptor);
  }
}

/** Posts to an exchange of its own: orders that our books know nothing of would be looked into. */
export async function measurePost(
  stack: BenchStack,
  count: number,
): Promise<Pick<Floors, 'post' | 'postArrival'>> {
  const symbol = 'FLOOR';
  const folder = join(stack.dataDirectory, 'floor');
  mkdirSync(folder, { mode: 0o700 });
  const exchange = await openBenchExchange(folder, [symbol]);
  stack.adopt('floor exchange', () => exchange.process.stop());
  try {
    const { run, process } = exchange;
    const url = `${process.addresses.tradingUrl}/v2/orders`;
    const headers = {
      'content-type': 'application/json',
      'APCA-API-KEY-ID': run.keyId,
      'APCA-API-SECRET-KEY': run.secret,
    };
    const sent: { readonly id: string; readonly atWallMs: number; readonly tookMs: number }[] = [];
    for (let number = 0; number < WARM_UP + count; number += 1) {
      const id = `floor-${number}`;
      const side = number % 2 === 0 ? 'buy' : 'sell';
      const wish = { symbol, side, qty: '1', type: 'market', time_in_force: 'day' };
      const body = JSON.stringify({ ...wish, client_order_id: id });
      const atWallMs = wallInstantMs();
      const response = await fetch(url, { method: 'POST', headers, body });
      const text = await response.text();
      if (!response.ok) throw new Error(`expected an order to be taken, found ${text}`);
      sent.push({ id, atWallMs, tookMs: wallInstantMs() - atWallMs });
    }
    const posts = await exchange.posts();
    const measured = sent.slice(WARM_UP);
    return {
      post: summarize(measured.map(({ tookMs }) => tookMs)),
      postArrival: summarize(
        measured.map(({ id, atWallMs }) => (posts.get(id)?.arrivedWallMs ?? Number.NaN) - atWallMs),
      ),
    };
  } finally {
    await exchange.process.stop();
  }
}

export async function measureEmptyWorkflow(naive: NaiveShape, count: number): Promise<Summary> {
  const durationsMs: number[] = [];
  for (let number = 0; number < WARM_UP + count; number += 1) {
    const startedAtMs = performance.now();
    await naive.runEmpty(`empty/${number}`);
    durationsMs.push(performance.now() - startedAtMs);
  }
  return summarize(durationsMs.slice(WARM_UP));
}
