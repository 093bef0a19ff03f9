import type { AccountBuffer } from '../account-buffer.js';
import type { BooksTransaction } from '../port.js';
import { alertRepository } from './alert-rows.js';
import { brokerEventRepository } from './broker-event-rows.js';
import { cashRepository } from './cash-rows.js';
import type { Client } from './client.js';
import { fillRepository } from './fill-rows.js';
import { haltRepository } from './halt-rows.js';
import { instrumentRepository } from './instrument-rows.js';
import { putLimits, readLimits } from './limits-rows.js';
import { orderRepository } from './order-rows.js';
import { outboxRepository, type Posts } from './outbox-rows.js';
import { positionRepository } from './position-rows.js';
import { reconciliationRepository } from './reconciliation-rows.js';
import { recordBreakerEvent, recordConfigSnapshot } from './record-rows.js';
import { reservationRepository } from './reservation-rows.js';
import { riskDecisionRepository } from './risk-decision-rows.js';
import { signalRepository } from './signal-rows.js';
import { streamStateRepository } from './stream-state-rows.js';
import { systemStateRepository } from './system-state-rows.js';
import { tradeRepository } from './trade-rows.js';
import { tradingDayRepository } from './trading-day-rows.js';
import { turnRepository } from './turn-rows.js';

/** Every write of one account, on the open transaction of the writer. */
export function booksTransaction(
  client: Client,
  buffer: AccountBuffer,
  posts: Posts,
): BooksTransaction {
  const { account } = buffer.totals.get();
  return {
    account: buffer.totals,
    orders: orderRepository(client, account),
    fills: fillRepository(client, account),
    positions: positionRepository(client, account),
    trades: tradeRepository(client, account),
    reservations: reservationRepository(client, account),
    cash: cashRepository(client, account),
    tradingDays: tradingDayRepository(client, account),
    systemState: systemStateRepository(client, account),
    halts: haltRepository(client, account),
    signals: signalRepository(client, account),
    turns: turnRepository(client, account),
    riskDecisions: riskDecisionRepository(client, account),
    instruments: instrumentRepository(client, account),
    brokerEvents: brokerEventRepository(client, account),
    streamState: streamStateRepository(client, account),
    outbox: outboxRepository(client, account, posts),
    reconciliation: reconciliationRepository(client, account),
    alerts: alertRepository(client, account),
    limits: () => readLimits(client, account),
    putLimits: (limits) => putLimits(client, account, limits),
    recordBreakerEvent: (event) => recordBreakerEvent(client, account, event),
    recordConfigSnapshot: (snapshot) => recordConfigSnapshot(client, account, snapshot),
    audit: buffer.audit,
  };
}
