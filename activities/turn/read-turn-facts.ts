import type { BooksReader } from '../../adapters/store/port.js';
import { OPEN_STATES, type Order } from '../../domain/order/index.js';
import { signedUnits } from '../../domain/risk/index.js';
import { removalOf, type Turn, type TurnFacts } from '../../domain/turn/index.js';
import { assert } from '../../domain/values/index.js';
import type { World } from '../world.js';

/** What can read the books: a reader, or the transaction that will write the next step. */
type TurnReader = Pick<BooksReader, 'orders' | 'positions'>;

/** What of the account bears on a turn. */
export interface TurnGate {
  readonly haltMode: TurnFacts['haltMode'];
  readonly gateHold: string | null;
}

/** Reads everything that decides a turn's next step. */
export async function readTurnFacts(
  reader: TurnReader,
  world: World,
  { turn, gate }: { readonly turn: Turn; readonly gate: TurnGate },
): Promise<TurnFacts> {
  const { entry, turnId } = turn.plan;
  const position = await reader.positions.bySymbol(entry.symbol);
  const orders = new Map<string, Order>();
  for (const clientOrderId of ownOrders(turn)) {
    const row = await reader.orders.byClientOrderId(clientOrderId);
    if (row !== null) orders.set(clientOrderId, row.order);
  }
  const open = await reader.orders.inStates(OPEN_STATES, entry.symbol);
  return {
    nowAtMs: world.marketClock.nowMs(),
    nowAtWallMs: world.wallClock.nowMs(),
    ...gate,
    position: position === null ? 0 : signedUnits(position.side, position.quantity),
    inTheWay: open
      .filter(({ order, correlationId }) => {
        const isOfStrategy = order.intent.strategy === entry.strategy;
        return isOfStrategy && correlationId !== turnId;
      })
      .map(({ order }) => order),
    orders,
    gap: world.settings.turnGap,
  };
}

/** Orders that the turn removed or asked for. */
function ownOrders(turn: Turn): readonly string[] {
  const { progress, plan } = turn;
  const asked =
    progress.state === 'closing'
      ? [progress.exit]
      : progress.state === 'covering'
        ? progress.covers
        : [];
  return [
    ...(removalOf(turn)?.removed ?? []),
    ...asked.map(({ clientOrderId }) => clientOrderId),
    plan.entry.clientOrderId,
  ];
}

/** The turn of an id; one that is not there is a mistake of ours. */
export async function turnOf(reader: Pick<BooksReader, 'turns'>, turnId: string): Promise<Turn> {
  const row = await reader.turns.byId(turnId);
  assert(row !== null, `expected turn ${turnId} in the books`);
  return row.turn;
}
