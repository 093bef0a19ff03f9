import type { BooksTransaction, OrderRow } from '../../adapters/store/port.js';
import { assessRisk } from '../../domain/risk/index.js';
import { assert, type Price } from '../../domain/values/index.js';
import type { OrderInput } from '../../workflows/contract/index.js';
import type { World } from '../world.js';
import { denyUnwanted, isUnsent, isUnwanted } from './cancel-wish.js';
import { isTooOld } from './expiry.js';
import { readGate } from './gate.js';
import { postStart, resumedInput } from './driver-input.js';
import { readRiskInputs, recordDecision } from './risk-inputs.js';
import { requestOf } from './send-risk-raising.js';
import { type Admission, newRow, settleAdmission } from './settle-admission.js';

/**
 * Admits an order and begins its send in one transaction: gate, limits, exposure and reservation
 * are judged on the very state that the commit makes durable, so two orders never pass on the same
 * buying power. An order that is unknown is admitted for another send of the same id; its own
 * reservation is left out of the totals. One whose cancel was asked for is never sent.
 */
export async function admitOrder(
  transaction: BooksTransaction,
  world: World,
  asked: {
    readonly input: OrderInput;
    readonly quotedPrice: Price | null;
    /** Nobody has started the order's driver: the transaction that enters it promises one. */
    readonly needsDriver?: boolean;
  },
): Promise<Admission> {
  const { input, quotedPrice, needsDriver = false } = asked;
  const { intent } = input;
  const known = await transaction.orders.byClientOrderId(intent.clientOrderId);
  const state = known?.order.progress.state;
  if (known !== null && state !== 'created' && state !== 'unknown') {
    return { kind: 'settled', row: known };
  }
  if (known !== null && isUnwanted(await transaction.orders.eventsOf(intent.clientOrderId))) {
    return settleUnwanted(transaction, world, known);
  }
  const hold = await readGate(transaction, world);
  if (hold !== null && !isTooOld(world, intent)) return { kind: 'hold', ...hold };
  const inputs = await readRiskInputs(transaction, world, {
    intent,
    quotedPrice,
    isNew: known === null,
    counts: ({ order }) => order.intent.clientOrderId !== intent.clientOrderId,
    replaced: null,
  });
  const assessment = assessRisk(inputs);
  if (assessment.decision === 'denied' && state === 'unknown') {
    assert(known !== null, 'expected the unknown order that was just read');
    return { kind: 'settled', row: known }; // It may be at the broker: only evidence ends it.
  }
  await recordDecision(transaction, inputs, assessment);
  const row = known ?? newRow(world, input);
  const isNew = known === null;
  const request = { kind: 'submit', order: requestOf(row.order.intent) } as const;
  const judged = { row, isNew, assessment, request };
  const admission = await settleAdmission(transaction, world, judged);
  if (needsDriver && isNew && admission.kind === 'send') {
    await postStart(transaction, resumedInput(world, row));
  }
  return admission;
}

/** Denied where nothing of it was sent; else it may be at the broker, and only evidence ends it. */
async function settleUnwanted(
  transaction: BooksTransaction,
  world: World,
  row: OrderRow,
): Promise<Admission> {
  if (!isUnsent(row.order)) return { kind: 'settled', row };
  return { kind: 'settled', row: { order: await denyUnwanted(transaction, world, row) } };
}
