import { assert } from './assert.js';
import { type Price, price } from './price.js';
import { type Quantity, NANOS_PER_UNIT, quantity } from './quantity.js';
import { type Usd, usd } from './usd.js';

/** price (1e-9) × quantity (1e-9) = 1e-18 dollars; a micro-dollar is 1e-6. */
const PRODUCT_UNITS_PER_MICRO = 1_000_000_000_000n;

/**
 * price × quantity in micro-dollars, rounded half away from zero. The cash of a fill: the venue and
 * the books round each fill once, in this way, and only fractional shares ever round at all.
 */
export function notionalRounded(unitPrice: Price, units: Quantity): Usd {
  const product = BigInt(unitPrice) * BigInt(units);
  return usd(toSafe((product + PRODUCT_UNITS_PER_MICRO / 2n) / PRODUCT_UNITS_PER_MICRO));
}

/** price × quantity rounded up to the next micro-dollar: what a worst case must reserve. */
export function notionalRoundedUp(unitPrice: Price, units: Quantity): Usd {
  const product = BigInt(unitPrice) * BigInt(units);
  return usd(toSafe((product + PRODUCT_UNITS_PER_MICRO - 1n) / PRODUCT_UNITS_PER_MICRO));
}

/**
 * The units that an amount buys at a price, to nine decimals; never rounds up, and never more than
 * a quantity can count.
 */
export function unitsAffordable(amount: Usd, unitPrice: Price): Quantity {
  return unitsWorth(amount, unitPrice, 0n);
}

/**
 * The fewest units that are worth an amount at a price: to nine decimals, rounded up, and never
 * more than a quantity can count.
 */
export function unitsWorthAtLeast(amount: Usd, unitPrice: Price): Quantity {
  return unitsWorth(amount, unitPrice, BigInt(unitPrice) - 1n);
}

function unitsWorth(amount: Usd, unitPrice: Price, rounding: bigint): Quantity {
  assert(amount >= 0, `expected an amount that is not negative, found ${amount}`);
  const nanos = (BigInt(amount) * PRODUCT_UNITS_PER_MICRO + rounding) / BigInt(unitPrice);
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  return quantity(toSafe(nanos < most ? nanos : most));
}

/** Whole units that a quantity can count at most. */
const WHOLE_UNITS_MAX = BigInt(Number.MAX_SAFE_INTEGER) / BigInt(NANOS_PER_UNIT);

/**
 * The whole units that an amount buys at a price; never rounds up, and never more than a quantity
 * can count.
 */
export function wholeUnitsAffordable(amount: Usd, unitPrice: Price): Quantity {
  assert(amount >= 0, `expected an amount that is not negative, found ${amount}`);
  const units = (BigInt(amount) * 1000n) / BigInt(unitPrice);
  const counted = units < WHOLE_UNITS_MAX ? units : WHOLE_UNITS_MAX;
  return quantity(toSafe(counted * BigInt(NANOS_PER_UNIT)));
}

/**
 * notional ÷ quantity, rounded half away from zero to nano-dollars: an average for display and
 * comparison only.
 */
export function averagePriceRounded(notional: Usd, units: Quantity): Price {
  assert(
    notional > 0 && units > 0,
    `expected a positive notional and quantity, found ${notional} and ${units}`,
  );
  const numerator = BigInt(notional) * PRODUCT_UNITS_PER_MICRO;
  const divisor = BigInt(units);
  return price(toSafe((numerator + divisor / 2n) / divisor));
}

/**
 * The share of an amount that `part` is of `whole`, rounded half away from zero: the cost that
 * leaves with a reduced position. The whole takes everything, so repeated reductions leave no dust.
 */
export function proportionRounded(amount: Usd, part: Quantity, whole: Quantity): Usd {
  assert(part <= whole && whole > 0, `expected a part of ${whole}, found ${part}`);
  const magnitude = BigInt(Math.abs(amount)) * BigInt(part);
  const divisor = BigInt(whole);
  const rounded = toSafe((magnitude + divisor / 2n) / divisor);
  return usd(amount < 0 ? -rounded : rounded);
}

/** An amount × basis points (1/10,000), rounded up: reserves and percent limits. */
export function basisPointsRoundedUp(amount: Usd, basisPoints: number): Usd {
  assert(
    amount >= 0 && Number.isSafeInteger(basisPoints),
    `expected basis points of an amount, found ${basisPoints}`,
  );
  return usd(toSafe((BigInt(amount) * BigInt(basisPoints) + 9_999n) / 10_000n));
}

function toSafe(value: bigint): number {
  assert(
    value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= -BigInt(Number.MAX_SAFE_INTEGER),
    `expected a product within the safe range, found ${value}`,
  );
  return Number(value);
}
