import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { quantity } from '../../domain/values/index.js';
import type { Bench } from './bench.js';

/**
 * Leaves nothing behind that the cards have made: the halt released, every order canceled, the
 * position closed. Says what is left all the same, one line each.
 */
export async function leaveNothing(bench: Bench): Promise<readonly string[]> {
  if (!bench.system.isUp || !(await bench.system.isAlive())) {
    await bench.system.close();
    await bench.system.start();
  }
  await releaseHalt(bench);
  for (const { order } of await bench.openOrders()) {
    await bench.cancel(order.intent.clientOrderId);
  }
  await bench.see('no order of a card is open', async () => {
    return (await bench.openOrders()).length === 0;
  });
  const held = await bench.held();
  if (held !== 0) await close(bench, held);
  return leftovers(bench);
}

async function close(bench: Bench, held: number): Promise<void> {
  const side = held > 0 ? 'sell' : 'buy';
  const view = await bench.submit({ side, quantity: quantity(Math.abs(held)) });
  await bench.untilState(view.clientOrderId, 'filled', 'denied', 'refused', 'canceled', 'expired');
}

/** Releases whatever halts the account; a file that a card has made goes first. */
export async function releaseHalt(bench: Bench): Promise<void> {
  rmSync(join(bench.system.dataDirectory, 'KILL_SWITCH'), { force: true });
  await bench.see('the account is not halted', async () => {
    const { client } = bench.system;
    const { mode, haltVersion } = await client.haltState();
    const account = await (await bench.system.reader()).account();
    if (mode === 'none' && account?.haltMode === 'none') return true;
    const reason = 'the card is over';
    const answer = await client.release({ operator: 'acceptance', reason, haltVersion });
    if (answer.released) bench.note(`released: halt version ${answer.haltVersion}`);
    return false;
  });
}

async function leftovers(bench: Bench): Promise<readonly string[]> {
  const open = await bench.openOrders();
  const held = await bench.held();
  return [
    ...open.map(({ order }) => `order ${order.intent.clientOrderId} is open`),
    ...(held === 0 ? [] : [`${held} nano-units of ${bench.symbol} are held`]),
  ];
}
