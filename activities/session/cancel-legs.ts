import type { OrderRow } from '../../adapters/store/port.js';
import type { Bar } from '../../domain/market/index.js';
import { INTENT_VALID_MS, type Signal } from '../../domain/signal/index.js';
import { assert } from '../../domain/values/index.js';
import { cancelOrder } from '../order/cancel-order.js';
import { readGate } from '../order/gate.js';
import type { World } from '../world.js';
import type { FeedContext } from './session-context.js';

/**
 * A cancel signal means every open order of the strategy's leg. Exits stay while no other exit
 * could be sent on a decision of this bar: who takes protection away must be able to send what
 * comes in its place. The strategy decides anew on the next bar.
 */
export async function cancelLegs(
  { world, strategy }: Pick<FeedContext, 'world' | 'strategy'>,
  decided: { readonly bar: Bar; readonly signals: readonly Signal[] },
  open: readonly OrderRow[],
): Promise<void> {
  for (const signal of decided.signals) {
    if (signal.kind !== 'cancel') continue;
    const meant = open.filter(({ order }) => order.intent.leg === signal.leg);
    for (const { order } of meant) {
      const { clientOrderId, purpose } = order.intent;
      const objection = purpose === 'exit' ? await objectionToExit(world, decided.bar) : null;
      if (objection !== null) {
        world.log.info({ clientOrderId, objection }, 'an exit stays: no other could be sent');
        continue;
      }
      const request = { requestedBy: strategy.name, reason: signal.reason };
      await cancelOrder(world, clientOrderId, request);
    }
  }
}

/** Why an exit that is decided on the bar could not be sent now. Null: nothing is against it. */
async function objectionToExit(world: World, { endAtMs }: Bar): Promise<string | null> {
  const account = await world.reader.account();
  assert(account !== null, `expected account ${world.account} in the books`);
  const isHaltedHere = world.haltLatch.isEngaged() || world.killFile.isEngaged();
  if (isHaltedHere || account.haltMode === 'halted') return 'trading is halted';
  const isVoid = endAtMs <= world.stall.voidThroughMs();
  const isTooOld = isVoid || world.marketClock.nowMs() > endAtMs + INTENT_VALID_MS;
  if (isTooOld) return 'the bar is too old to decide on';
  return (await readGate(world.reader, world))?.reason ?? null;
}
