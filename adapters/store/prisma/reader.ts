import type { BooksReader } from '../port.js';
import { accountRow } from './account-rows.js';
import { alertReads } from './alert-rows.js';
import { auditReads } from './audit-rows.js';
import { brokerEventReads } from './broker-event-rows.js';
import { cashReads } from './cash-rows.js';
import type { Client } from './client.js';
import { orNull } from './columns.js';
import { fillReads } from './fill-rows.js';
import { haltReads } from './halt-rows.js';
import { instrumentReads } from './instrument-rows.js';
import { readLimits } from './limits-rows.js';
import { orderReads } from './order-rows.js';
import { outboxReads } from './outbox-rows.js';
import { positionReads } from './position-rows.js';
import { reconciliationReads } from './reconciliation-rows.js';
import { reservationReads } from './reservation-rows.js';
import { riskDecisionReads } from './risk-decision-rows.js';
import { signalReads } from './signal-rows.js';
import { findRow } from './statements.js';
import { streamStateReads } from './stream-state-rows.js';
import { systemStateReads } from './system-state-rows.js';
import { ACCOUNTS } from './tables.js';
import { tradeReads } from './trade-rows.js';
import { tradingDayReads } from './trading-day-rows.js';
import { turnReads } from './turn-rows.js';

/** What anybody may read of one account. Each call is one statement on the read-only client. */
export function booksReader(client: Client, account: string): BooksReader {
  return {
    account: async () =>
      orNull(await findRow(client, ACCOUNTS, { where: { account } }), accountRow),
    limits: () => readLimits(client, account),
    orders: orderReads(client, account),
    fills: fillReads(client, account),
    positions: positionReads(client, account),
    trades: tradeReads(client, account),
    reservations: reservationReads(client, account),
    cash: cashReads(client, account),
    tradingDays: tradingDayReads(client, account),
    systemState: systemStateReads(client, account),
    halts: haltReads(client, account),
    signals: signalReads(client, account),
    turns: turnReads(client, account),
    riskDecisions: riskDecisionReads(client, account),
    instruments: instrumentReads(client, account),
    brokerEvents: brokerEventReads(client, account),
    streamState: streamStateReads(client, account),
    outbox: outboxReads(client, account),
    reconciliation: reconciliationReads(client, account),
    alerts: alertReads(client, account),
    audit: auditReads(client, account),
  };
}
