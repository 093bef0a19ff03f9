/**
 * Arithmetic of the checker alone: plain integers of any size, nothing shared with the code that is
 * checked. Prices and quantities are in 1e-9, money in 1e-6.
 */
const NANO_DECIMALS = 9;
const MICRO_DECIMALS = 6;

/** price × quantity is in 1e-18; money is in 1e-6. */
const PRODUCT_IN_MICROS = 10n ** 12n;

/** A decimal price or quantity in billionths. */
export function nanosOf(text: string): bigint {
  return exactly(text, NANO_DECIMALS);
}

/** A decimal amount of dollars in millionths. */
export function microsOf(text: string): bigint {
  return exactly(text, MICRO_DECIMALS);
}

/** What a quantity costs at a price, to the nearest micro-dollar; a half goes away from zero. */
export function cashOf(priceNanos: bigint, quantityNanos: bigint): bigint {
  return nearest(priceNanos * quantityNanos, PRODUCT_IN_MICROS);
}

/** The part of an amount that belongs to a part of a whole, to the nearest micro-dollar. */
export function shareOf(amount: bigint, part: bigint, whole: bigint): bigint {
  return nearest(amount * part, whole);
}

export function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}

function nearest(dividend: bigint, divisor: bigint): bigint {
  const isNegative = dividend < 0n;
  const magnitude = isNegative ? -dividend : dividend;
  const rounded = (2n * magnitude + divisor) / (2n * divisor);
  return isNegative ? -rounded : rounded;
}

function exactly(text: string, decimals: number): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const fraction = match?.[3] ?? '';
  if (match === null || fraction.length > decimals) {
    throw new Error(`expected a decimal with at most ${decimals} places, found ${text}`);
  }
  const digits = BigInt(`${match[2]}${fraction.padEnd(decimals, '0')}`);
  return match[1] === '-' ? -digits : digits;
}
