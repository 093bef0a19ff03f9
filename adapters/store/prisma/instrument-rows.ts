import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { InstrumentReads, InstrumentRepository, InstrumentRow } from '../port.js';
import type { Client } from './client.js';
import { instantOf, orNull } from './columns.js';

export function instrumentReads(client: Client, account: string): InstrumentReads {
  return {
    bySymbol: async (symbol) => {
      const where = { account_symbol: { account, symbol } };
      return orNull(await client.instrument.findUnique({ where }), instrumentRow);
    },
    all: async () => {
      const where = { account };
      const stored = await client.instrument.findMany({ where, orderBy: { symbol: 'asc' } });
      return stored.map(instrumentRow);
    },
  };
}

export function instrumentRepository(client: Client, account: string): InstrumentRepository {
  return {
    ...instrumentReads(client, account),
    upsert: async (instrument) => {
      const columns = instrumentColumns(account, instrument);
      await client.instrument.upsert({
        where: { account_symbol: { account, symbol: instrument.symbol } },
        create: columns,
        update: columns,
        select: { account: true },
      });
    },
  };
}

function instrumentColumns(account: string, row: InstrumentRow): Prisma.InstrumentModel {
  return {
    account,
    symbol: row.symbol,
    assetId: row.assetId,
    name: row.name,
    exchange: row.exchange,
    tradable: row.tradable,
    shortable: row.shortable,
    fractionable: row.fractionable,
    parkedReason: row.parkedReason,
    updatedAtWallMs: BigInt(row.updatedAtWallMs),
  };
}

function instrumentRow(stored: Prisma.InstrumentModel): InstrumentRow {
  return {
    symbol: stored.symbol,
    assetId: stored.assetId,
    name: stored.name,
    exchange: stored.exchange,
    tradable: stored.tradable,
    shortable: stored.shortable,
    fractionable: stored.fractionable,
    parkedReason: stored.parkedReason,
    updatedAtWallMs: instantOf(stored.updatedAtWallMs),
  };
}
