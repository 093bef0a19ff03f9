import type { BooksTransaction } from '../../adapters/store/port.js';
import { differingFields, type OrderIntent, type WishedFields } from '../../domain/order/index.js';
import type { DenyCode, OtherDenyCode } from '../../domain/risk/index.js';
import type { World } from '../world.js';

interface Clocks {
  readonly marketClock: Pick<World['marketClock'], 'nowMs'>;
  readonly wallClock: Pick<World['wallClock'], 'nowMs'>;
}

/** A wish that never became an order of the books. */
export interface DeniedWish {
  readonly clientOrderId: string;
  /** Who wished: a strategy, or a person. */
  readonly actor: string;
  readonly code: DenyCode | OtherDenyCode;
  readonly message: string;
  /** As it was made: members for the record. */
  readonly wish: Readonly<Record<string, unknown>>;
  /** Tells this attempt from another one of the same wish: a repeat of it writes nothing. */
  readonly attempt: string;
}

/**
 * Writes that a wish was denied which no row can stand for: one audit line, with its code, and the
 * alert of a denial.
 */
export async function recordDeniedWish(
  transaction: BooksTransaction,
  clocks: Clocks,
  denied: DeniedWish,
): Promise<void> {
  const { clientOrderId, actor, code, message, wish, attempt } = denied;
  const atWallMs = clocks.wallClock.nowMs();
  const recorded = await transaction.alerts.record({
    alertId: `wish-denied/${clientOrderId}/${code}/${attempt}`,
    type: 'order_rejected',
    severity: 'warning',
    title: `Order ${clientOrderId} denied`,
    message: `${code}: ${message}`,
    metadata: JSON.stringify({ clientOrderId, actor, code }),
    atMs: clocks.marketClock.nowMs(),
    recordedAtWallMs: atWallMs,
    acknowledgedBy: null,
  });
  if (recorded === 'repeated') return;
  const body = JSON.stringify({ code, message, wish });
  transaction.audit({ actor, kind: 'wish_denied', entity: clientOrderId, body, atWallMs });
}

/** Why a wish cannot have an id that the books know; null: it is the wish that they hold. */
export function otherWishUnderId(
  held: WishedFields,
  asked: WishedFields,
): Pick<DeniedWish, 'code' | 'message'> | null {
  const fields = differingFields(held, asked);
  if (fields.length === 0) return null;
  const message = `the books hold another order under this id; it differs in ${fields.join(', ')}`;
  return { code: 'id_used_with_other_fields', message };
}

/** Denies an intent whose id stands for another wish: the first one stays as it is. */
export async function denyOtherWish(
  transaction: BooksTransaction,
  clocks: Clocks,
  { held, asked }: { readonly held: OrderIntent; readonly asked: OrderIntent },
): Promise<boolean> {
  const denial = otherWishUnderId(held, asked);
  if (denial === null) return false;
  const { clientOrderId, strategy: actor, decidedAtMs } = asked;
  await recordDeniedWish(transaction, clocks, {
    ...denial,
    clientOrderId,
    actor,
    wish: { ...asked },
    attempt: String(decidedAtMs),
  });
  return true;
}
