import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { unprocessable } from './api-failure.js';
import type { ExchangeContext } from './exchange-context.js';
import { parseFields } from './order-request.js';

const borrowBody = z.strictObject({
  symbol: z.string().max(20),
  status: z.enum(['easy_to_borrow', 'hard_to_borrow']),
  /** Lists of what can be borrowed change overnight, unless said otherwise. */
  from: z.enum(['now', 'tomorrow']).default('tomorrow'),
});

/** Which names can be borrowed: what a test decides and the real broker's stock loan desk does. */
export function addBorrowRoutes(app: FastifyInstance, exchange: ExchangeContext): void {
  const { run, clock, symbols } = exchange;
  const { borrowList } = run.engine;
  const lines = () =>
    symbols.map((symbol) => ({
      symbol,
      now: borrowList.statusOf(symbol),
      tomorrow: borrowList.statusTomorrow(symbol),
    }));
  app.get('/_borrow', () => ({ symbols: lines() }));
  app.post('/_borrow', (request) => {
    const change = parseFields(borrowBody, request.body);
    if (!symbols.includes(change.symbol)) {
      throw unprocessable(`asset "${change.symbol}" not found`);
    }
    run.changeBorrow(change, clock.stampMs());
    return { symbols: lines() };
  });
}
