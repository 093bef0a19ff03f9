import { describe, expect, it } from 'vitest';
import { openApiDocuments } from './openapi.js';

const documents = openApiDocuments();

describe('the checker of answers', () => {
  if ('missing' in documents) {
    it.skip(`${documents.missing}`, () => {});
    return;
  }
  it.each([
    [
      'an order without a type',
      'POST',
      '/v2/orders',
      200,
      { time_in_force: 'day', notional: null },
    ],
    ['a position without a price', 'GET', '/v2/positions/SPY', 200, { symbol: 'SPY' }],
    ['bars that are not', 'GET', '/v2/stocks/bars', 200, { bars: { SPY: [{ t: 1 }] } }],
    ['an answer that nobody described', 'GET', '/v2/nothing', 200, {}],
  ] as const)('%s → a fault', (_name, method, path, status, body) => {
    expect(documents.fault({ method, path, status, body })).not.toBeNull();
  });

  it('an empty list of orders → fits', () => {
    const answer = { method: 'GET', path: '/v2/orders', status: 200, body: [] };
    expect(documents.fault(answer)).toBeNull();
  });
});
