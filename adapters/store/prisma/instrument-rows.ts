import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import type { InstrumentReads, InstrumentRepository, InstrumentRow } from '../port.js';
import type { Client, Stored } from './client.js';
import { instantOf, orNull } from './columns.js';
import { findRow, putRow } from './statements.js';
import { INSTRUMENTS } from './tables.js';

export function instrumentReads(client: Client, account: string): InstrumentReads {
  return {
    bySymbol: async (symbol) => {
      const where = { account, symbol };
      return orNull(await findRow(client, INSTRUMENTS, { where }), instrumentRow);
    },
    all: async () => {
      const where = { account };
      const stored = await client.models.instrument.findMany({ where, orderBy: { symbol: 'asc' } });
      return stored.map(instrumentRow);
    },
  };
}

export function instrumentRepository(client: Client, account: string): InstrumentRepository {
  return {
    ...instrumentReads(client, account),
    upsert: (instrument) => putRow(client, INSTRUMENTS, instrumentColumns(account, instrument)),
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

function instrumentRow(stored: Stored<Prisma.InstrumentModel>): InstrumentRow {
  return {
    symbol: stored.symbol,
    assetId: stored.assetId,
    name: stored.name,
    exchange: stored.exchange,
    tradable: Boolean(stored.tradable),
    shortable: Boolean(stored.shortable),
    fractionable: Boolean(stored.fractionable),
    parkedReason: stored.parkedReason,
    updatedAtWallMs: instantOf(stored.updatedAtWallMs),
  };
}
