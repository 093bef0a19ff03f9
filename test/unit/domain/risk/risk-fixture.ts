import type { OrderIntent } from '../../../../domain/order/index.js';
import { assessRisk, type DenyCode, type RiskInputs } from '../../../../domain/risk/index.js';
import { epochMs, price, wholeUsd, ZERO_USD } from '../../../../domain/values/index.js';
import { intentOf } from '../order/order-fixture.js';

export const TRADABLE = { tradable: true, shortable: true, fractionable: true, parkedReason: null };
export const totals = {
  cash: wholeUsd(100_000),
  longCostBasis: ZERO_USD,
  shortCostBasis: ZERO_USD,
  reserved: ZERO_USD,
};

/** BUY 100 SPY limit 145.20 on an account of 100,000 USD that holds nothing. */
export function inputsOf(
  change: Partial<RiskInputs> = {},
  intent: Partial<OrderIntent> = {},
): RiskInputs {
  return {
    intent: intentOf(intent),
    nowAtMs: intentOf().decidedAtMs,
    voidThroughMs: epochMs(0),
    haltMode: 'none',
    instrument: TRADABLE,
    position: 0,
    openOrders: [],
    replaced: null,
    limits: {
      orderNotionalMax: wholeUsd(25_000),
      positionNotionalMax: wholeUsd(50_000),
      leverageHundredths: 100,
    },
    totals,
    quotedPrice: price(145_000_000_000),
    ...change,
  };
}

export function codeOf(inputs: RiskInputs): DenyCode | 'admitted' {
  const assessment = assessRisk(inputs);
  return assessment.decision === 'denied' ? assessment.code : 'admitted';
}

export const market = { type: 'market', limitPrice: null } as const;
export const short = { side: 'sell', ...market } as const;
/** 100 × 145.20. */
export const NOTIONAL = 14_520_000_000;
/** 100 units sold at 145.00, three percent up. */
export const SHORT_NOTIONAL = 14_935_000_000;

export function limited(limit: keyof RiskInputs['limits'], value: number): Partial<RiskInputs> {
  const limits = inputsOf().limits;
  return { limits: { ...limits, [limit]: value } };
}

export const validUntilMs = intentOf().validUntilMs;
