import { describe, expect, it } from 'vitest';
import { cancelOrder } from '../../../activities/order/cancel-order.js';
import { placeOrder } from '../../../activities/order/place-order.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { assert, price, wholeUnits } from '../../../domain/values/index.js';
import type { OrderInput } from '../../../workflows/contract/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { inputOf, ORDER_ID, standingOf } from './order-of-test.js';
import {
  afterTheClose,
  lossesTold,
  protectedPosition,
  putBack,
  STOP_ID,
} from './protection-of-test.js';
import { BY } from './replace-of-test.js';
import { applyAll } from './stream-of-test.js';

const STOP_LEG = 'broker-1-stop';
const PROFIT_LEG = 'broker-1-profit';
const EXIT_ID = idOf('an-exit');

/** 100 SPY with both exits of a bracket. */
async function bracketed(): Promise<TestWorld> {
  const test = await openTestWorld({ protection: 're-arm' });
  const takeProfit = price(150_000_000_000);
  const stopLoss = { stopPrice: price(140_000_000_000), limitPrice: null };
  await placeOrder(test.world, inputOf({ orderClass: 'bracket', takeProfit, stopLoss }));
  const before = test.broker.updates.length;
  test.broker.fill(ORDER_ID, 100, 145);
  await applyAll(test, test.broker.updates.slice(before));
  test.advanceMarket(60_000);
  return test;
}

/** An exit at the market of so many units. */
function exitOf(units: number): OrderInput {
  return inputOf({
    clientOrderId: EXIT_ID,
    leg: 'exit',
    purpose: 'exit',
    side: 'sell',
    quantity: wholeUnits(units),
    type: 'market',
    limitPrice: null,
  });
}

async function lose(test: TestWorld, ...clientOrderIds: readonly string[]): Promise<void> {
  await applyAll(
    test,
    clientOrderIds.map((id) => test.broker.become(id, 'expired')),
  );
}

/** Minutes go by, and each looks after what protects the positions. */
async function look(test: TestWorld, times = 3): Promise<void> {
  for (let looks = 0; looks < times; looks += 1) {
    test.advanceMarket(60_000);
    test.advanceWall(60_000);
    await reconcile(test.world, afterTheClose);
  }
}

async function placeAll(test: TestWorld): Promise<void> {
  for (const input of await putBack(test)) await placeOrder(test.world, input);
}

/** What was put back: type, units, and what became of it. */
async function standings(test: TestWorld): Promise<readonly string[]> {
  const inputs = await putBack(test);
  return Promise.all(
    inputs.map(async ({ intent: { type, quantity, clientOrderId } }) =>
      [type, quantity / wholeUnits(1), await standingOf(test, clientOrderId)].join(' '),
    ),
  );
}

async function messageOf({ world }: TestWorld, alertId: string): Promise<string> {
  const alert = await world.reader.alerts.byId(`protection-lost/${alertId}`);
  return alert === null ? 'nobody was told' : `${alert.severity}: ${alert.message}`;
}

describe('watchProtection, of several exits', () => {
  it.each([
    ['the stop is heard of first', [STOP_LEG, PROFIT_LEG]],
    ['the take-profit is heard of first', [PROFIT_LEG, STOP_LEG]],
  ])('both legs of a bracket expire, %s → the stop is put back', async (_name, legs) => {
    const test = await bracketed();
    await lose(test, ...legs);
    await look(test);
    await placeAll(test);
    await look(test);
    expect(await standings(test)).toEqual(['stop 100 accepted 0']);
    expect(await lossesTold(test)).toBe(2);
    expect(await messageOf(test, `${STOP_LEG}/put-back-1`)).toContain('it is put back');
    expect(await messageOf(test, `${PROFIT_LEG}/behind-others`)).toContain(
      `100 SPY stand without it; it is not put back, since other exits come first: ${STOP_LEG}`,
    );
  });

  it('that stop is taken away again → only it comes back: the take-profit is decided', async () => {
    const test = await bracketed();
    await lose(test, STOP_LEG, PROFIT_LEG);
    await look(test, 1);
    await placeAll(test);
    const [first] = await putBack(test);
    assert(first !== undefined, 'expected the stop to be put back');
    await look(test, 1);
    await lose(test, first.intent.clientOrderId);
    await look(test);
    await placeAll(test);
    expect(await standings(test)).toEqual(['stop 100 expired 0', 'stop 100 accepted 0']);
  });

  it('the stop that came back is canceled for an exit → no take-profit in its way', async () => {
    const test = await bracketed();
    await lose(test, STOP_LEG, PROFIT_LEG);
    await look(test, 1);
    await placeAll(test);
    const [stop] = await putBack(test);
    assert(stop !== undefined, 'expected the stop to be put back');
    await cancelOrder(test.world, stop.intent.clientOrderId, BY);
    await look(test);
    expect(await standings(test)).toEqual(['stop 100 canceled 0']);
  });

  it('one leg is lost, the other holds its units → told with what holds them', async () => {
    const test = await bracketed();
    await lose(test, PROFIT_LEG);
    await look(test);
    expect(await putBack(test)).toEqual([]);
    expect(await lossesTold(test)).toBe(1);
    expect(await messageOf(test, `${PROFIT_LEG}/behind-others`)).toMatch(
      /^critical: .* other exits come first: broker-1-stop \(accepted|held\)/,
    );
  });

  it('another exit holds 40 → the stop is put back for 60', async () => {
    const test = await protectedPosition('re-arm');
    await lose(test, STOP_ID);
    await placeOrder(test.world, exitOf(40));
    await look(test);
    await placeAll(test);
    expect(await standings(test)).toEqual(['stop 60 accepted 0']);
    expect(await messageOf(test, `${STOP_ID}/put-back-1`)).toContain(
      `it is put back for 60, since other exits come first: ${EXIT_ID} (accepted)`,
    );
    expect(await lossesTold(test)).toBe(1);
  });

  it('another exit holds 40, and ends later → the stop of those is put back then', async () => {
    const test = await protectedPosition('re-arm');
    await lose(test, STOP_ID);
    await placeOrder(test.world, exitOf(40));
    await look(test);
    await placeAll(test);
    await lose(test, EXIT_ID);
    await look(test);
    await placeAll(test);
    await look(test);
    expect(await standings(test)).toEqual(['stop 60 accepted 0', 'stop 40 accepted 0']);
    expect(await lossesTold(test)).toBe(2);
    expect(await messageOf(test, `${STOP_ID}/put-back-2`)).toContain('40 SPY stand without it');
  });

  it('put back, and more is bought → no stop of ours for what never had one', async () => {
    const test = await protectedPosition('re-arm');
    await lose(test, STOP_ID);
    await look(test, 1);
    await placeAll(test);
    const more = idOf('more-of-it');
    await placeOrder(test.world, inputOf({ clientOrderId: more }));
    await applyAll(test, [test.broker.fill(more, 100, 145)]);
    await look(test);
    expect(await standings(test)).toEqual(['stop 100 accepted 0']);
    expect(await lossesTold(test)).toBe(1);
  });

  it('another exit holds all of it, and ends → the stop is put back then', async () => {
    const test = await protectedPosition('re-arm');
    await lose(test, STOP_ID);
    await placeOrder(test.world, exitOf(100));
    await look(test);
    expect(await putBack(test)).toEqual([]);
    expect(await messageOf(test, `${STOP_ID}/behind-others`)).toContain(EXIT_ID);
    await lose(test, EXIT_ID);
    await look(test);
    await placeAll(test);
    expect(await standings(test)).toEqual(['stop 100 accepted 0']);
  });

  it('what was to put it back is denied → told by itself, once', async () => {
    const test = await protectedPosition('re-arm');
    await lose(test, STOP_ID);
    await look(test, 1);
    // Another exit gets there between the look and the order.
    await placeOrder(test.world, exitOf(100));
    await placeAll(test);
    expect(await standings(test)).toEqual(['stop 100 denied 0']);
    await look(test);
    expect(await lossesTold(test)).toBe(2);
    expect(await messageOf(test, `${STOP_ID}/denied-1`)).toMatch(
      /^critical: .* putting it back was denied, turns_position: .*; put it back, or close/,
    );
  });
});
