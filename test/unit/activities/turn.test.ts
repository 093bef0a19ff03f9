import { describe, expect, it } from 'vitest';
import { engageHalt } from '../../../activities/safety/engage-halt.js';
import { ensureDrivers } from '../../../activities/lifecycle/ensure-driver.js';
import {
  persistFinalState,
  refuseNewOrders,
} from '../../../activities/lifecycle/shutdown-steps.js';
import { decideOnBar } from '../../../activities/session/decide-on-bar.js';
import { advanceTurn } from '../../../activities/turn/advance-turn.js';
import { readHaltRequest } from '../../../domain/safety/halt-request.js';
import { wholeUnits } from '../../../domain/values/index.js';
import { ACCOUNT, BOOT_EPOCH, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { barAt, feedOf } from './feed-of-test.js';
import { auditOf, outboxOf, toldOf } from './order-of-test.js';
import { applyAll } from './stream-of-test.js';
import {
  buyTen,
  decideTurn,
  drain,
  fills,
  heldOf,
  heldUnderStop,
  type Market,
  ordersOf,
  pathOf,
  rest,
  rests,
  STOP_ID,
  TURNED,
  TURNED_ORDERS,
  turnSignal,
} from './turn-of-test.js';

async function setHalt(test: TestWorld, haltMode: 'reduce_only' | 'halted'): Promise<void> {
  await test.books.transaction(ACCOUNT, async ({ account }) => account.set({ haltMode }));
}

describe('a turn', () => {
  it('long under a stop → the stop goes, then closed, then opened', async () => {
    const test = await heldUnderStop();
    const turnId = await decideTurn(test);
    expect(await outboxOf(test)).toContain(`start_turn ${turnId}`);
    await drain(test);
    expect(await pathOf(test)).toBe(TURNED);
    expect(await ordersOf(test)).toEqual(TURNED_ORDERS);
    expect(await heldOf(test)).toBe('short 20');
    const rows = await test.world.reader.orders.recent(2);
    expect(rows.map(({ correlationId }) => correlationId)).toEqual([turnId, turnId]);
    expect((await auditOf(test)).filter((kind) => kind === 'turn_changed')).toHaveLength(4);
  });

  it('the exit waits for the cancel, the entry for the exit', async () => {
    const test = await heldUnderStop();
    const submitted = (): number =>
      test.broker.calls.filter((call) => call === 'submitOrder').length - 2;
    test.broker.cancelOutcome = { kind: 'requested' };
    const turnId = await decideTurn(test);
    await drain(test, rests);
    await advanceTurn(test.world, turnId);
    expect([await pathOf(test), submitted()]).toEqual(['planned canceling', 0]);
    await applyAll(test, [test.broker.become(STOP_ID, 'canceled')]);
    await drain(test, rests);
    expect([await pathOf(test), submitted()]).toEqual(['planned canceling closing', 1]);
    const exitId = (await test.world.reader.orders.recent(1))[0]?.order.intent.clientOrderId ?? '';
    await applyAll(test, [test.broker.fill(exitId, 4, 145)]);
    await drain(test, rests);
    expect([await pathOf(test), submitted()]).toEqual(['planned canceling closing', 1]);
    await applyAll(test, [test.broker.fill(exitId, 6, 145)]);
    await drain(test);
    expect([await pathOf(test), submitted()]).toEqual([TURNED, 2]);
  });

  it('decided again after a crash, and by a later bar while it goes on → one turn', async () => {
    const test = await heldUnderStop();
    const turnId = await decideTurn(test);
    expect(await decideTurn(test)).toBe(turnId);
    await decideOnBar(
      feedOf(test, () => [turnSignal]),
      barAt(2),
    );
    expect(await test.world.reader.turns.recent(9)).toHaveLength(1);
    const signals = await test.world.reader.signals.since(barAt(1).endAtMs);
    expect(signals.map(({ clientOrderId }) => clientOrderId)).toEqual([turnId, null]);
  });

  it('while it goes on → the strategy is told so, and a start gives it its driver', async () => {
    const test = await heldUnderStop();
    const turnId = await decideTurn(test);
    const seen: boolean[] = [];
    const feed = feedOf(test, () => []);
    const watching = {
      ...feed,
      strategy: {
        ...feed.strategy,
        onBar: (view: { readonly isTurning: boolean; readonly state: unknown }) => {
          seen.push(view.isTurning);
          return { state: view.state, signals: [] };
        },
      },
    };
    await decideOnBar(watching, barAt(2));
    await ensureDrivers(test.world);
    expect(test.driven).toContain(`start ${turnId}`);
    await drain(test);
    await decideOnBar(watching, barAt(3));
    expect(seen).toEqual([true, false]);
  });

  it('orders of others stay; without protection there is nothing to cancel', async () => {
    const test = await openTestWorld();
    await buyTen(test);
    await decideTurn(test);
    await drain(test);
    expect(await pathOf(test)).toBe('planned closing opening turned');
    const other = await openTestWorld();
    await buyTen(other);
    await rest(other, 'manual-stop', 'manual');
    await decideTurn(other);
    await drain(other);
    expect(other.broker.order('manual-stop').status).toBe('new');
    expect(await pathOf(other)).toBe('planned closing kept (turns_position)');
  });
});

describe('what can come between', () => {
  it('the stop fills while it is being canceled → nothing to close', async () => {
    const test = await heldUnderStop();
    test.broker.beforeAnswer = (call) => {
      if (call === 'cancelOrder') test.broker.fill(STOP_ID, 10, 140);
    };
    await decideTurn(test);
    await drain(test);
    expect(await pathOf(test)).toBe('planned canceling opening turned');
    expect(await heldOf(test)).toBe('short 20');
  });

  it('the stop fills in part → the exit is of the rest', async () => {
    const test = await heldUnderStop();
    test.broker.beforeAnswer = (call) => {
      if (call === 'cancelOrder') test.broker.fill(STOP_ID, 3, 140);
    };
    await decideTurn(test);
    await drain(test);
    expect(await ordersOf(test)).toEqual([
      'stop canceled 3',
      'turn-exit filled 7',
      'turn-entry filled 20',
    ]);
  });

  it('the exit fills in part and is canceled → another one takes the rest', async () => {
    const test = await heldUnderStop();
    let exits = 0;
    const market: Market = async (world, id, units) => {
      exits += 1;
      if (exits > 1) return fills(world, id, units);
      return void (await applyAll(world, [
        world.broker.fill(id, 4, 145),
        world.broker.become(id, 'canceled'),
      ]));
    };
    await decideTurn(test);
    await drain(test, market);
    expect(await pathOf(test)).toBe('planned canceling closing closing opening turned');
    expect(await ordersOf(test)).toEqual([
      'stop canceled 0',
      'turn-exit canceled 4',
      'turn-exit2 filled 6',
      'turn-entry filled 20',
    ]);
  });

  it('the exit is refused: the broker lags → another, a second later', async () => {
    const test = await heldUnderStop();
    test.broker.submits.push('refuse');
    const turnId = await decideTurn(test);
    await drain(test);
    expect(await pathOf(test)).toBe('planned canceling closing');
    test.advanceWall(1_000);
    await advanceTurn(test.world, turnId);
    await drain(test);
    expect(await ordersOf(test)).toEqual([
      'stop canceled 0',
      'turn-exit refused 0',
      'turn-exit2 filled 10',
      'turn-entry filled 20',
    ]);
  });

  it('the market closes before the exit fills → the stop is put back', async () => {
    const test = await heldUnderStop();
    const market: Market = async (world, id) =>
      void (await applyAll(world, [world.broker.become(id, 'expired')]));
    const turnId = await decideTurn(test);
    await drain(test, market);
    await advanceTurn(test.world, turnId);
    expect(await pathOf(test)).toBe('planned canceling closing covering kept (order_expired)');
    expect(await ordersOf(test)).toEqual([
      'stop canceled 0',
      'turn-exit expired 0',
      'turn-keep1 accepted 0',
    ]);
    expect(await heldOf(test)).toBe('long 10');
    expect(await toldOf(test)).toContain('warning custom');
  });

  it('what was put back is refused → CRITICAL: the position is bare', async () => {
    const test = await heldUnderStop();
    const market: Market = async (world, id) => {
      world.broker.submits.push('refuse');
      await applyAll(world, [world.broker.become(id, 'expired')]);
    };
    await decideTurn(test);
    await drain(test, market);
    expect(await pathOf(test)).toBe('planned canceling closing covering uncovered (order_expired)');
    expect(await toldOf(test)).toContain('critical risk_breach');
  });

  it('risk says no to the entry → closed only, told with the code', async () => {
    const test = await heldUnderStop();
    await setHalt(test, 'reduce_only');
    await decideTurn(test);
    await drain(test);
    expect(await pathOf(test)).toBe('planned canceling closing opening closed_only (reduce_only)');
    expect(await heldOf(test)).toBe('flat 0');
    const [alert] = await test.world.reader.alerts.recent(1);
    expect(alert).toMatchObject({ title: 'SPY long to short: closed only' });
  });

  it('the exit takes too long → the entry is never sent late', async () => {
    const test = await heldUnderStop();
    await decideTurn(test);
    await drain(test, rests);
    test.advanceMarket(241_000);
    const exitId = (await test.world.reader.orders.recent(1))[0]?.order.intent.clientOrderId ?? '';
    await applyAll(test, [test.broker.fill(exitId, 10, 145)]);
    await drain(test);
    expect(await pathOf(test)).toContain('closed_only (intent_expired)');
    expect(test.broker.count(exitId.replace('exit', 'entry'))).toBe(0);
  });

  it('halted before it begins → nothing is touched', async () => {
    const test = await heldUnderStop();
    const request = readHaltRequest({ reason: 'manual', cancel: 'none' });
    await engageHalt(test.world, 'cause-1', request);
    await decideTurn(test);
    await drain(test);
    expect(await pathOf(test)).toBe('planned kept (halted)');
    expect(test.broker.order(STOP_ID).status).toBe('new');
  });

  it('halted between cancel and exit → nothing may be sent, and a person knows', async () => {
    const test = await heldUnderStop();
    test.at('turn-canceled', () => {
      test.world.haltLatch.engage('cause-1');
      void setHalt(test, 'halted');
    });
    await decideTurn(test);
    await drain(test);
    expect(await pathOf(test)).toBe('planned canceling covering uncovered (halted)');
    expect(await ordersOf(test)).toEqual(['stop canceled 0', 'turn-keep1 denied 0']);
    expect(await toldOf(test)).toContain('critical risk_breach');
    expect(await heldOf(test)).toBe('long 10');
  });

  it('bought by hand meanwhile → all of it is closed', async () => {
    const test = await heldUnderStop();
    test.broker.cancelOutcome = { kind: 'requested' };
    await decideTurn(test);
    await drain(test);
    await buyTen(test, 'by-hand');
    await applyAll(test, [test.broker.become(STOP_ID, 'canceled')]);
    await drain(test);
    expect(await ordersOf(test)).toContain('turn-exit filled 20');
    expect(await pathOf(test)).toBe(TURNED);
  });

  it('the gate is closed → nothing is touched until it opens', async () => {
    const test = await heldUnderStop();
    const stream = (status: 'down' | 'live') =>
      test.books.transaction(ACCOUNT, async ({ streamState }) => {
        const row = await streamState.get();
        if (row !== null) await streamState.set({ ...row, status });
      });
    await stream('down');
    const turnId = await decideTurn(test);
    await drain(test);
    expect((await advanceTurn(test.world, turnId)).summary).toContain('waits, since the trade');
    expect(await ordersOf(test)).toEqual(['stop accepted 0']);
    await stream('live');
    await advanceTurn(test.world, turnId);
    await drain(test);
    expect(await pathOf(test)).toBe(TURNED);
  });
});

describe('the gap without protection', () => {
  async function bare(policy: 'alert' | 'put-back'): Promise<[TestWorld, string]> {
    const test = await heldUnderStop();
    const settings = { ...test.world.settings, turnGap: { msMax: 5_000, policy } };
    Object.assign(test.world, { settings });
    const turnId = await decideTurn(test);
    await drain(test, rests);
    return [test, turnId];
  }

  it('shown from its first moment, and looked at when it is over', async () => {
    const [test, turnId] = await bare('alert');
    const view = await advanceTurn(test.world, turnId);
    expect(view).toMatchObject({ needsAttention: false, lookAgainMs: 5_001 });
    expect(view.summary).toBe(
      'SPY long to short: closing, without its protection; waits for the market',
    );
  });

  it('too long → CRITICAL, once; an exit that works stays', async () => {
    const [test, turnId] = await bare('alert');
    test.advanceWall(5_001);
    expect(await advanceTurn(test.world, turnId)).toMatchObject({ needsAttention: true });
    await advanceTurn(test.world, turnId);
    const critical = (await toldOf(test)).filter((told) => told === 'critical risk_breach');
    expect(critical).toHaveLength(1);
    expect(await ordersOf(test)).toContain('turn-exit accepted 0');
  });

  it('too long, and the policy is to put back → the stop rests again', async () => {
    const [test, turnId] = await bare('put-back');
    test.advanceWall(5_001);
    await advanceTurn(test.world, turnId);
    await drain(test);
    await advanceTurn(test.world, turnId);
    expect(await pathOf(test)).toBe('planned canceling closing covering kept (gap_too_long)');
    expect(await ordersOf(test)).toEqual([
      'stop canceled 0',
      'turn-exit canceled 0',
      'turn-keep1 accepted 0',
    ]);
  });
});

it('shut down in the middle of it → named, and CRITICAL', async () => {
  const test = await heldUnderStop();
  await decideTurn(test);
  await drain(test, rests);
  expect(await persistFinalState(test.world, [])).toEqual({
    state: 'stopped_unsettled',
    message: 'stopped without protection in the middle of SPY long to short',
  });
  expect(await toldOf(test)).toContain('critical risk_breach');
});

it('shut down before it began → the gate closes at once, and nothing was touched', async () => {
  const test = await heldUnderStop();
  const turnId = await decideTurn(test);
  const before = test.wallNowMs();
  const input = { account: ACCOUNT, bootEpoch: BOOT_EPOCH, requestedBy: 'test' } as const;
  await refuseNewOrders(test.world, { ...input, cancel: 'none', deadlineAtMs: before + 30_000 });
  expect(test.wallNowMs()).toBe(before);
  await advanceTurn(test.world, turnId);
  expect(await ordersOf(test)).toEqual(['stop accepted 0']);
});

it('shut down between cancel and exit → the gate waits for it, and not for ever', async () => {
  const test = await heldUnderStop();
  const turnId = await decideTurn(test);
  test.at('turn-canceling', () => {
    throw new Error('held up');
  });
  await expect(advanceTurn(test.world, turnId)).rejects.toThrow('held up');
  const before = test.wallNowMs();
  const input = { account: ACCOUNT, bootEpoch: BOOT_EPOCH, requestedBy: 'test' } as const;
  await refuseNewOrders(test.world, { ...input, cancel: 'none', deadlineAtMs: before + 30_000 });
  expect(test.wallNowMs() - before).toBeGreaterThanOrEqual(5_000);
  expect((await test.world.reader.systemState.get())?.state).toBe('stopping');
});

it('a turn of units that nobody holds → opens only', async () => {
  const test = await openTestWorld();
  const feed = feedOf(test, () => [{ ...turnSignal, size: { units: wholeUnits(5) } }]);
  await decideOnBar(feed, barAt(1));
  await drain(test);
  expect(await pathOf(test)).toBe('planned opening turned');
});
