import type { EpochMs } from '../../domain/values/index.js';
import { hash32 } from './random.js';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const TIME_CHARACTERS = 10;
const SEQUENCE_CHARACTERS = 16;

/**
 * A UUID (version 4 in shape) that a name always gives: ids survive a replay and differ by seed.
 */
export function uuidOf(name: string): string {
  const hex = [0x1b873593, 0xcc9e2d51, 0x27d4eb2f, 0x165667b1]
    .map((basis) => hash32(name, basis).toString(16).padStart(8, '0'))
    .join('');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** A ULID whose random part is a sequence number: ids sort as text in the order they were given. */
export function orderedId(atMs: EpochMs, sequence: number): string {
  return base32(atMs, TIME_CHARACTERS) + base32(sequence, SEQUENCE_CHARACTERS);
}

function base32(value: number, characters: number): string {
  let text = '';
  for (let rest = value, index = 0; index < characters; index += 1) {
    text = CROCKFORD.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
