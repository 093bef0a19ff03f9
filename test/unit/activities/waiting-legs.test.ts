import { describe, expect, it } from 'vitest';
import { pollOrder } from '../../../activities/order/resolve-order.js';
import { reconcile } from '../../../activities/reconciliation/reconcile.js';
import { ACCOUNT } from '../../support/test-world.js';
import { entered, placed, PROFIT, standings, STOP, told } from './bracket-of-test.js';
import { applyAll } from './stream-of-test.js';

describe('a leg that waits for its group, which Alpaca lists among the closed', () => {
  it.each([
    ['its exits wait for the entry', placed],
    ['its stop waits beside the profit', entered],
  ])('%s, which no list of open orders shows → the books agree', async (_name, begin) => {
    const test = await begin();
    const shown = (await test.broker.openOrders()).map(({ clientOrderId }) => clientOrderId);
    expect(shown).not.toContain(STOP);
    const result = await reconcile(test.world, { account: ACCOUNT, trigger: 'test' });
    expect(result).toMatchObject({ outcome: 'clean', message: 'books and broker agree' });
  });

  it.each([
    ['a cancel', 'pending_cancel'],
    ['a replacement', 'pending_replace'],
  ])('%s of the stop is turned down unheard while it waits → it waits on', async (_n, pending) => {
    const test = await entered();
    await applyAll(test, [test.broker.become(STOP, pending)]);
    test.broker.isMuted = true;
    test.broker.become(STOP, 'held');
    const result = await reconcile(test.world, { account: ACCOUNT, trigger: 'test' });
    expect(result).toMatchObject({ outcome: 'clean', message: 'books and broker agree' });
    expect((await standings(test))[2]).toBe(`${pending} 0`);
    test.advanceWall(60_000);
    await pollOrder(test.world, STOP);
    expect((await standings(test))[2]).toBe('accepted 0');
  });

  it('the profit fills, no frame tells of the stop → a reconciliation finds its end', async () => {
    const test = await entered();
    test.advanceMarket(16 * 60_000); // Older than what every run looks at.
    test.broker.fill(PROFIT, 100, 150);
    await applyAll(
      test,
      told(test).filter(({ order }) => order.clientOrderId !== STOP),
    );
    expect(await standings(test)).toEqual(['filled 100', 'filled 100', 'held 0']);
    const result = await reconcile(test.world, { account: ACCOUNT, trigger: 'test' });
    expect(result).toMatchObject({ outcome: 'clean' });
    expect(await standings(test)).toEqual(['filled 100', 'filled 100', 'canceled 0']);
  });
});
