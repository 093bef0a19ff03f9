/** Certificate faults end a TLS handshake, before any request could be written. */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * System calls that end before a connection exists. The same code from a read or a write proves
 * nothing.
 */
const CONNECTING_CALLS: ReadonlySet<string> = new Set(['connect', 'getaddrinfo']);

const CAUSE_DEPTH_MAX = 6;

/**
 * Whether a failed request provably never left this process: no address, no connection, or no
 * acceptable certificate. Everything else (reset, timeout, closed socket) may have arrived. Of
 * several attempted addresses all must prove it.
 */
export function provesNothingSent(error: unknown): boolean {
  return leavesOf(error, CAUSE_DEPTH_MAX).every(isConnectFailure);
}

/** The codes and messages of an error's causes in one line, innermost last. */
export function describeFailure(error: unknown): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < CAUSE_DEPTH_MAX && current instanceof Error; depth += 1) {
    const code = memberOf(current, 'code');
    const text = [code, current.message].filter((part) => part !== '').join(' ');
    if (text !== '' && !parts.includes(text)) parts.push(text);
    current = current.cause;
  }
  return parts.length === 0 ? 'no reason given' : parts.join(': ');
}

function isConnectFailure(error: unknown): boolean {
  const code = memberOf(error, 'code');
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || CERTIFICATE_CODES.has(code)) return true;
  return CONNECTING_CALLS.has(memberOf(error, 'syscall'));
}

/** The innermost causes: one, or one for each address that was tried. */
function leavesOf(error: unknown, depthLeft: number): readonly unknown[] {
  if (depthLeft === 0 || !(error instanceof Error)) return [error];
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.flatMap((one: unknown) => leavesOf(one, depthLeft - 1));
  }
  return error.cause === undefined ? [error] : leavesOf(error.cause, depthLeft - 1);
}

function memberOf(error: unknown, member: 'code' | 'syscall'): string {
  if (!(error instanceof Error) || !(member in error)) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(error, member)?.value;
  return typeof value === 'string' ? value : '';
}
