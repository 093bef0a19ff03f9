import {
  type DecimalFault,
  parseDecimalExactly,
  PRICE_DECIMALS,
  type Price,
  price,
  QUANTITY_DECIMALS,
  type Quantity,
  quantity,
  type Usd,
  usd,
  USD_DECIMALS,
} from '../domain/values/index.js';

/** What a flag was read as, or the line that says what is wrong with it. */
export type FlagResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: string };

const SHOWN_MAX = 40;
const SYMBOLS_MAX = 100;
const SYMBOL = /^[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,2})?$/;
const UNITS_MAX = '9,007,199';

/** A text as it is shown in a fault: quoted and cut. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, SHOWN_MAX));
}

/** Collects the faults of many flags, so that all are told at once. */
export class Faults {
  readonly lines: string[] = [];

  /** The value, or null with its fault noted. */
  take<Value>(result: FlagResult<Value>): Value | null {
    if (result.ok) return result.value;
    this.lines.push(result.fault);
    return null;
  }

  add(fault: string): null {
    this.lines.push(fault);
    return null;
  }
}

export function readChoice<Choice extends string>(
  flag: string,
  text: string,
  choices: readonly Choice[],
): FlagResult<Choice> {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return { ok: true, value: found };
  const wanted = `one of ${choices.join(', ')}`;
  const fault = `expected ${flag} to be ${wanted}, found ${quoted(text)}; choose one`;
  return { ok: false, fault };
}

/** A quantity above zero, exact to nine decimals. */
export function readQuantity(flag: string, text: string): FlagResult<Quantity> {
  const parsed = parseDecimalExactly(text, QUANTITY_DECIMALS);
  if (parsed.ok && parsed.value > 0) return { ok: true, value: quantity(parsed.value) };
  const wanted = {
    flag,
    text,
    decimals: QUANTITY_DECIMALS,
    tooLarge: `a quantity above ${UNITS_MAX} units is not supported`,
  };
  return { ok: false, fault: decimalFault(wanted, parsed.ok ? 'not_above_zero' : parsed.fault) };
}

/** Money above zero, exact to its six decimals. */
export function readAmount(flag: string, text: string): FlagResult<Usd> {
  const parsed = parseDecimalExactly(text, USD_DECIMALS);
  if (parsed.ok && parsed.value > 0) return { ok: true, value: usd(parsed.value) };
  const wanted = {
    flag,
    text,
    decimals: USD_DECIMALS,
    tooLarge: 'an amount above 9,007,199,254 USD is not supported',
  };
  return { ok: false, fault: decimalFault(wanted, parsed.ok ? 'not_above_zero' : parsed.fault) };
}

/** A price above zero, exact to nine decimals. */
export function readPrice(flag: string, text: string): FlagResult<Price> {
  const parsed = parseDecimalExactly(text, PRICE_DECIMALS);
  if (parsed.ok && parsed.value > 0) return { ok: true, value: price(parsed.value) };
  const wanted = {
    flag,
    text,
    decimals: PRICE_DECIMALS,
    tooLarge: `a price above ${UNITS_MAX} USD is not supported`,
  };
  return { ok: false, fault: decimalFault(wanted, parsed.ok ? 'not_above_zero' : parsed.fault) };
}

export function readSymbol(flag: string, text: string): FlagResult<string> {
  if (SYMBOL.test(text)) return { ok: true, value: text };
  const fault = `expected ${flag} to name symbols such as SPY, found ${quoted(text)}; correct it`;
  return { ok: false, fault };
}

/** Symbols apart by commas, each once, at most a hundred. */
export function readSymbols(flag: string, text: string): FlagResult<readonly string[]> {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    const read = readSymbol(flag, name);
    if (!read.ok) return read;
  }
  const symbols = [...new Set(names)];
  if (symbols.length <= SYMBOLS_MAX) return { ok: true, value: symbols };
  const wanted = `at most ${SYMBOLS_MAX} symbols in ${flag}`;
  const fault = `expected ${wanted}, found ${symbols.length}; take fewer`;
  return { ok: false, fault };
}

/** A number above zero that is written plainly. */
export function readPositiveNumber(flag: string, text: string): FlagResult<number> {
  const value = /^\d{1,9}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (value > 0) return { ok: true, value };
  const fault = `expected ${flag} to be a number above 0, found ${quoted(text)}; correct it`;
  return { ok: false, fault };
}

/** A whole number from `min` to `max`. */
export function readWholeNumber(
  flag: string,
  text: string,
  range: { readonly min: number; readonly max: number },
): FlagResult<number> {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.min && value <= range.max) return { ok: true, value };
  const wanted = `a whole number from ${range.min} to ${range.max}`;
  return {
    ok: false,
    fault: `expected ${flag} to be ${wanted}, found ${quoted(text)}; correct it`,
  };
}

interface Wanted {
  readonly flag: string;
  readonly text: string;
  readonly decimals: number;
  readonly tooLarge: string;
}

function decimalFault(
  { flag, text, decimals, tooLarge }: Wanted,
  fault: DecimalFault | 'not_above_zero',
): string {
  switch (fault) {
    case 'not_above_zero':
      return `expected ${flag} to be above 0, found ${quoted(text)}; correct it`;
    case 'not_a_decimal':
      return `expected ${flag} to be a number such as 1.5, found ${quoted(text)}; correct it`;
    case 'too_many_decimals': {
      const found = text.split('.')[1]?.length ?? 0;
      return `expected at most ${decimals} decimals in ${flag}, found ${found}; shorten it`;
    }
    case 'out_of_range':
      return `expected a smaller ${flag}, found ${quoted(text)}: ${tooLarge}; take less`;
  }
}
