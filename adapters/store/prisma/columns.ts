import {
  epochMs,
  type EpochMs,
  price,
  type Price,
  quantity,
  type Quantity,
  usd,
  type Usd,
} from '../../../domain/values/index.js';
import { BooksUnusable } from '../errors.js';

/** Every member of a union of strings: a new member must be added here before it compiles. */
export type Members<Union extends string> = Readonly<Record<Union, true>>;

/**
 * The stored word as a member of its union. Anything else means that the books are not of this
 * version.
 */
export function member<Union extends string>(members: Members<Union>, stored: string): Union {
  if (isMember(members, stored)) return stored;
  const known = Object.keys(members).join(', ');
  throw new BooksUnusable(`expected one of ${known} in the books, found "${stored}"`);
}

function isMember<Union extends string>(members: Members<Union>, text: string): text is Union {
  return Object.hasOwn(members, text);
}

/** A 64-bit column from a branded number, and null from null. */
export function bigintOrNull(value: number | null): bigint | null {
  return value === null ? null : BigInt(value);
}

/** A value from a column that may be empty. */
export function orNull<Stored, Value>(
  stored: Stored | null,
  convert: (stored: Stored) => Value,
): Value | null {
  return stored === null ? null : convert(stored);
}

// The constructors assert safe integers; a column beyond them never came from us.
export const usdOf = (micros: bigint | number): Usd => usd(Number(micros));
export const priceOf = (nanos: bigint | number): Price => price(Number(nanos));
export const quantityOf = (nanos: bigint | number): Quantity => quantity(Number(nanos));
export const instantOf = (milliseconds: bigint | number): EpochMs => epochMs(Number(milliseconds));
