import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { decideOnBar } from '../../../activities/session/decide-on-bar.js';
import type { FeedContext } from '../../../activities/session/session-context.js';
import { engageHalt } from '../../../activities/safety/engage-halt.js';
import { type CancelSignal, INTENT_VALID_MS } from '../../../domain/signal/index.js';
import { readHaltRequest } from '../../../domain/safety/halt-request.js';
import { assert } from '../../../domain/values/index.js';
import { movingAverageCross } from '../../../strategies/moving-average-cross.js';
import { ACCOUNT, type TestWorld } from '../../support/test-world.js';
import { idOf } from '../domain/order/order-fixture.js';
import { barAt, feedOf } from './feed-of-test.js';
import { inputOf, standingOf } from './order-of-test.js';
import { setMode } from './protection-of-test.js';
import { applyAll } from './stream-of-test.js';
import { drain, heldOf, heldUnderStop, rests, STOP_ID } from './turn-of-test.js';

const ENTRY_ID = 'an-entry';

function cancelOf(leg: string): CancelSignal {
  return { kind: 'cancel', symbol: 'SPY', leg, reason: 'crossed against us' };
}

/** Ten units under a stop, and an entry that works. */
async function atWork(): Promise<TestWorld> {
  const test = await heldUnderStop();
  const id = idOf(ENTRY_ID);
  await placeOrder(test.world, inputOf({ clientOrderId: id, strategy: 'scripted', leg: 'more' }));
  test.advanceMarket(60_000);
  return test;
}

/** The strategy wants both orders gone; returns what became of the stop and of the entry. */
async function cancelBoth(test: TestWorld, minute = 1): Promise<readonly string[]> {
  const feed = feedOf(test, () => [cancelOf('stop'), cancelOf('more')]);
  const heard = test.broker.updates.length;
  await decideOnBar(feed, barAt(minute));
  await applyAll(test, test.broker.updates.slice(heard));
  return [await standingOf(test, STOP_ID), await standingOf(test, ENTRY_ID)];
}

async function setStream(test: TestWorld, status: 'live' | 'down'): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ streamState }) => {
    const stream = await streamState.get();
    assert(stream !== null, 'expected a stream state in the books');
    await streamState.set({ ...stream, status });
  });
}

/** The shipped strategy, with averages so short that a test can cross them. */
function crossingFeed(test: TestWorld): FeedContext {
  const parameters = { fastBars: 2, slowBars: 3, stopBasisPoints: 300, allowShort: false };
  const configured = movingAverageCross.configure(parameters);
  assert(configured.ok, 'expected parameters that the strategy takes');
  return { ...feedOf(test, () => []), strategy: { ...configured.strategy, name: 'scripted' } };
}

describe('cancelLegs', () => {
  it('nothing is against an exit → the stop goes, and the entry', async () => {
    expect(await cancelBoth(await atWork())).toEqual(['canceled 0', 'canceled 0']);
  });

  it('reduce-only → the stop goes: an exit may follow', async () => {
    const test = await atWork();
    await setMode(test, 'reduce_only');
    expect(await cancelBoth(test)).toEqual(['canceled 0', 'canceled 0']);
  });

  it.each<[string, (test: TestWorld) => Promise<unknown>]>([
    ['halted', (test) => setMode(test, 'halted')],
    ['the latch is engaged', async ({ world }) => world.haltLatch.engage('cause-1')],
    ['the kill file is there', async (test) => writeFileSync(test.killFilePath, 'a hand')],
    ['the stream is down', (test) => setStream(test, 'down')],
    ['the lock is lost', async (test) => test.loseLease()],
    ['the process stood still', async (test) => test.stall().over()],
    ['the bar is old', async (test) => test.advanceMarket(INTENT_VALID_MS + 1)],
  ])('%s → the stop stays, and the entry goes', async (_name, hinder) => {
    const test = await atWork();
    await hinder(test);
    const [stop, entry] = await cancelBoth(test);
    expect([stop, entry]).toEqual(['accepted 0', 'canceled 0']);
    expect(test.logged).toContain('an exit stays: no other could be sent');
  });

  it('a bar of as long ago as an intent may wait → the stop goes', async () => {
    const test = await atWork();
    test.advanceMarket(INTENT_VALID_MS);
    expect(await cancelBoth(test)).toEqual(['canceled 0', 'canceled 0']);
  });

  it('the bar after the release → the strategy says it again, and the stop goes', async () => {
    const test = await atWork();
    await setMode(test, 'halted');
    expect(await cancelBoth(test)).toEqual(['accepted 0', 'canceled 0']);
    await setMode(test, 'none');
    expect(await cancelBoth(test, 2)).toEqual(['canceled 0', 'canceled 0']);
  });

  it('halted, and the averages cross against the position → it stays protected', async () => {
    const test = await heldUnderStop();
    await engageHalt(test.world, 'c1', readHaltRequest({ reason: 'manual', triggeredBy: 'ann' }));
    const feed = crossingFeed(test);
    const closes = [145, 146, 147, 148, 149, 146, 143, 140, 139, 138];
    for (const [index, close] of closes.entries()) {
      test.advanceMarket(60_000);
      const heard = test.broker.updates.length;
      await decideOnBar(feed, barAt(index + 1, close));
      await applyAll(test, test.broker.updates.slice(heard));
      await drain(test, rests);
    }
    const said = await test.world.reader.signals.since(barAt(1).endAtMs);
    expect(said.some(({ leg }) => leg === 'stop')).toBe(true);
    expect(await standingOf(test, STOP_ID)).toBe('accepted 0');
    expect(await heldOf(test)).toBe('long 10');
  });
});
