import { parseClientOrderId } from '../../../domain/order/index.js';
import type { Turn, TurnState } from '../../../domain/turn/index.js';
import { assert } from '../../../domain/values/index.js';
import type { Prisma } from '../../../prisma/generated/sqlite/client.js';
import { BooksUnusable } from '../errors.js';
import type { TurnReads, TurnRepository, TurnRow } from '../port.js';
import type { Client, Columns, Stored } from './client.js';
import { instantOf, member, type Members, orNull } from './columns.js';
import { findRow, findRows, insertOnce, updateRows } from './statements.js';
import { TURNS } from './tables.js';

const STATES: Members<TurnState> = {
  planned: true,
  canceling: true,
  closing: true,
  covering: true,
  opening: true,
  turned: true,
  closed_only: true,
  kept: true,
  uncovered: true,
};
const SIDES: Members<Turn['plan']['fromSide']> = { long: true, short: true };

export function turnReads(client: Client, account: string): TurnReads {
  return {
    byId: async (turnId) => {
      return orNull(await findRow(client, TURNS, { where: { account, turnId } }), turnRow);
    },
    inStates: async (states, symbol) => {
      const ofSymbol = symbol === undefined ? {} : { symbol };
      const where = { account, state: states, ...ofSymbol };
      return (await findRows(client, TURNS, { where, order: '"id"' })).map(turnRow);
    },
    recent: async (limit) => {
      const newest = { where: { account }, orderBy: { id: 'desc' }, take: limit } as const;
      return (await client.models.turn.findMany(newest)).map(turnRow);
    },
  };
}

export function turnRepository(client: Client, account: string): TurnRepository {
  return {
    ...turnReads(client, account),
    create: ({ turn }) => {
      const { turnId, leg, fromSide, entry } = turn.plan;
      assert(entry.account === account, `expected a turn of ${account}, found ${entry.account}`);
      return insertOnce(client, TURNS, {
        account,
        turnId,
        strategy: entry.strategy,
        symbol: entry.symbol,
        leg,
        fromSide,
        entry: JSON.stringify(entry),
        ...progressColumns(turn),
      });
    },
    update: async (turn, expectedVersion) => {
      const { turnId } = turn.plan;
      const count = await updateRows(client, TURNS, {
        where: { account, turnId, version: expectedVersion },
        data: progressColumns(turn),
      });
      assert(count === 1, `expected turn ${turnId} at version ${expectedVersion}`);
    },
  };
}

type PlanColumn = 'account' | 'turnId' | 'strategy' | 'symbol' | 'leg' | 'fromSide' | 'entry';

function progressColumns(turn: Turn): Omit<Columns<Prisma.TurnModel>, PlanColumn> {
  return {
    version: turn.version,
    state: turn.progress.state,
    progress: JSON.stringify(turn.progress),
    history: JSON.stringify(turn.history),
    createdAtMs: BigInt(turn.createdAtMs),
    updatedAtMs: BigInt(turn.updatedAtMs),
  };
}

function turnRow(stored: Stored<Prisma.TurnModel>): TurnRow {
  const turnId = parseClientOrderId(stored.turnId);
  const progress = JSON.parse(stored.progress) as Turn['progress'];
  const state = member(STATES, stored.state);
  if (turnId === null || progress.state !== state) {
    throw new BooksUnusable(`expected turn ${stored.turnId} in one state, found ${state}`);
  }
  return {
    turn: {
      plan: {
        turnId,
        leg: stored.leg,
        fromSide: member(SIDES, stored.fromSide),
        entry: JSON.parse(stored.entry) as Turn['plan']['entry'],
      },
      version: stored.version,
      progress,
      history: JSON.parse(stored.history) as Turn['history'],
      createdAtMs: instantOf(stored.createdAtMs),
      updatedAtMs: instantOf(stored.updatedAtMs),
    },
  };
}
