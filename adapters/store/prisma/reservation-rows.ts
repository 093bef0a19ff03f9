import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { ReservationRepository, ReservationRow } from '../port.js';
import type { Client } from './client.js';
import { member, orNull, priceOf, quantityOf, usdOf } from './columns.js';
import { SIDES } from './order-columns.js';

type ReservationReads = Pick<ReservationRepository, 'byOrder' | 'all'>;

export function reservationReads(client: Client, account: string): ReservationReads {
  return {
    byOrder: async (clientOrderId) => {
      const where = { account_clientOrderId: { account, clientOrderId } };
      return orNull(await client.reservation.findUnique({ where }), reservationRow);
    },
    all: async () => {
      const where = { account };
      const stored = await client.reservation.findMany({
        where,
        orderBy: { clientOrderId: 'asc' },
      });
      return stored.map(reservationRow);
    },
  };
}

export function reservationRepository(client: Client, account: string): ReservationRepository {
  return {
    ...reservationReads(client, account),
    put: async (reservation) => {
      const columns = reservationColumns(account, reservation);
      const { clientOrderId } = reservation;
      await client.reservation.upsert({
        where: { account_clientOrderId: { account, clientOrderId } },
        create: columns,
        update: columns,
        select: { account: true },
      });
    },
    delete: async (clientOrderId) => {
      await client.reservation.deleteMany({ where: { account, clientOrderId } });
    },
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

function reservationRow(stored: Prisma.ReservationModel): ReservationRow {
  return {
    clientOrderId: stored.clientOrderId,
    symbol: stored.symbol,
    side: member(SIDES, stored.side),
    openingQuantity: quantityOf(stored.openingQuantityNanos),
    unitPrice: priceOf(stored.unitPriceNanos),
    amount: usdOf(stored.amountMicros),
  };
}
