import { createHash, timingSafeEqual } from 'node:crypto';
import type { Credentials } from './exchange-context.js';

/**
 * Whether both halves of a key are right, in a time that tells nothing about how wrong they are.
 */
export function areValid(
  expected: Credentials,
  keyId: string | undefined,
  secret: string | undefined,
): boolean {
  const isKeyRight = isSame(expected.keyId, keyId ?? '');
  const isSecretRight = isSame(expected.secret, secret ?? '');
  return isKeyRight && isSecretRight;
}

function isSame(expected: string, found: string): boolean {
  return timingSafeEqual(digest(expected), digest(found));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
