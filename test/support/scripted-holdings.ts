import type { BrokerAccount, BrokerPosition } from '../../adapters/broker/port.js';
import { price, quantity, type Usd } from '../../domain/values/index.js';

/** What the scripted broker shows of the units it holds: nothing where there are none. */
export function positionsOf(symbol: string, nanos: number): readonly BrokerPosition[] {
  if (nanos === 0) return [];
  return [
    {
      symbol,
      side: nanos > 0 ? 'long' : 'short',
      quantity: quantity(Math.abs(nanos)),
      averageEntryPrice: null,
      costBasis: null,
      currentPrice: price(145_000_000_000),
      raw: '{}',
    },
  ];
}

/** The scripted broker's account: its cash, and nothing borrowed. */
export function accountWith(cash: Usd): BrokerAccount {
  return {
    accountNumber: 'PA0001',
    status: 'ACTIVE',
    cash,
    equity: cash,
    lastEquity: cash,
    buyingPower: cash,
    multiplier: '1',
    shortingEnabled: true,
    blocked: false,
    raw: '{}',
  };
}
