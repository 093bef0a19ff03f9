import { NO_EXITS } from '../../../domain/signal/index.js';
import { describe, expect, it } from 'vitest';
import { decideOnBar } from '../../../activities/session/decide-on-bar.js';
import { isTurnOver } from '../../../domain/turn/index.js';
import { barAt, feedOf } from './feed-of-test.js';
import {
  decideTurn,
  drain,
  heldOf,
  heldUnderStop,
  ordersOf,
  pathOf,
  restart,
  TURNED,
  TURNED_ORDERS,
  turnNow,
  turnSignal,
} from './turn-of-test.js';

/** In the order in which a turn passes them. */
const CRASH_POINTS = [
  'turn-canceling',
  'turn-cancel',
  'turn-canceled',
  'turn-closing',
  'before-admission',
  'after-admission',
  'before-send',
  'after-answer',
  'after-record',
  'turn-opening',
  'turn-turned',
] as const;

describe('a crash at every arrow', () => {
  it.each(CRASH_POINTS)('%s → the same orders, each once, and the same end', async (point) => {
    const test = await heldUnderStop();
    await decideTurn(test);
    let isDown = false;
    test.at(point, () => {
      if (isDown) return;
      isDown = true;
      throw new Error('killed');
    });
    await expect(drain(test)).rejects.toThrow('killed');
    // Whatever was under way belongs to a process that is dead.
    Object.assign(test.world, { startedAtWallMs: test.wallNowMs() + 60_000 });
    test.advanceWall(60_000);
    await restart(test);
    await restart(test);
    expect(await pathOf(test)).toBe(TURNED);
    expect(await ordersOf(test)).toEqual(TURNED_ORDERS);
    expect(await heldOf(test)).toBe('short 20');
    expect(isTurnOver(await turnNow(test))).toBe(true);
  });

  it('decided again when it is flat in the middle → no entry beside that of the turn', async () => {
    const test = await heldUnderStop();
    await decideTurn(test);
    test.at('turn-opening', () => {
      throw new Error('killed');
    });
    await expect(drain(test)).rejects.toThrow('killed');
    const entry = {
      ...turnSignal,
      ...NO_EXITS,
      kind: 'order',
      leg: 'entry',
      purpose: 'entry',
    } as const;
    const feed = feedOf(test, () => [entry]);
    expect(await decideOnBar(feed, barAt(1))).toEqual([]);
    test.at('turn-opening', () => undefined);
    await restart(test);
    expect(await ordersOf(test)).toEqual(TURNED_ORDERS);
    expect(await heldOf(test)).toBe('short 20');
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('transaction %i commits, its answer is lost', async (nth) => {
    const test = await heldUnderStop();
    await decideTurn(test);
    test.faults.push(...Array<null>(nth - 1).fill(null), 'commit_then_error');
    await drain(test).catch(() => undefined);
    test.faults.length = 0;
    Object.assign(test.world, { startedAtWallMs: test.wallNowMs() + 60_000 });
    test.advanceWall(60_000);
    await restart(test);
    await restart(test);
    expect(await pathOf(test)).toBe(TURNED);
    expect(await ordersOf(test)).toEqual(TURNED_ORDERS);
    expect(test.broker.unitsHeld('SPY')).toBe(-20);
  });
});
