import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { ReservationRepository, ReservationRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { member, orNull, priceOf, quantityOf, usdOf } from './columns.js';
import { SIDES } from './order-columns.js';
import { deleteRows, findRow, findRows, putRow } from './statements.js';
import { RESERVATIONS } from './tables.js';

type ReservationReads = Pick<ReservationRepository, 'byOrder' | 'all'>;

export function reservationReads(client: Client, account: string): ReservationReads {
  return {
    byOrder: async (clientOrderId) => {
      const where = { account, clientOrderId };
      return orNull(await findRow(client, RESERVATIONS, { where }), reservationRow);
    },
    all: async () => {
      const where = { account };
      const stored = await findRows(client, RESERVATIONS, { where, order: '"client_order_id"' });
      return stored.map(reservationRow);
    },
  };
}

export function reservationRepository(client: Client, account: string): ReservationRepository {
  return {
    ...reservationReads(client, account),
    put: (reservation) => putRow(client, RESERVATIONS, reservationColumns(account, reservation)),
    delete: (clientOrderId) => deleteRows(client, RESERVATIONS, { account, clientOrderId }),
  };
}

function reservationColumns(account: string, row: ReservationRow): Prisma.ReservationModel {
  return {
    account,
    clientOrderId: row.clientOrderId,
    symbol: row.symbol,
    side: row.side,
    openingQuantityNanos: BigInt(row.openingQuantity),
    unitPriceNanos: BigInt(row.unitPrice),
    amountMicros: BigInt(row.amount),
  };
}

function reservationRow(stored: Stored<Prisma.ReservationModel>): ReservationRow {
  return {
    clientOrderId: stored.clientOrderId,
    symbol: stored.symbol,
    side: member(SIDES, stored.side),
    openingQuantity: quantityOf(stored.openingQuantityNanos),
    unitPrice: priceOf(stored.unitPriceNanos),
    amount: usdOf(stored.amountMicros),
  };
}
