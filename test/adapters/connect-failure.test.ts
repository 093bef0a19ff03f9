import { describe, expect, it } from 'vitest';
import {
  describeFailure,
  provesNothingSent,
} from '../../adapters/broker/alpaca/connect-failure.js';

/** An error of the system as Node makes it. */
function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error(`${syscall ?? ''} ${code}`.trim()), { code, syscall });
}

/** As fetch wraps it. */
function fetchFailed(cause: unknown): Error {
  return new TypeError('fetch failed', { cause });
}

describe('what proves that nothing was sent', () => {
  it.each([
    { what: 'refused', error: systemError('ECONNREFUSED', 'connect'), proven: true },
    { what: 'no such host', error: systemError('ENOTFOUND', 'getaddrinfo'), proven: true },
    { what: 'no name server', error: systemError('EAI_AGAIN', 'getaddrinfo'), proven: true },
    { what: 'no route', error: systemError('EHOSTUNREACH', 'connect'), proven: true },
    { what: 'connecting timed out', error: systemError('ETIMEDOUT', 'connect'), proven: true },
    {
      what: "fetch's connect timeout",
      error: systemError('UND_ERR_CONNECT_TIMEOUT'),
      proven: true,
    },
    { what: 'an expired certificate', error: systemError('CERT_HAS_EXPIRED'), proven: true },
    {
      what: 'a certificate of another host',
      error: systemError('ERR_TLS_CERT_ALTNAME_INVALID'),
      proven: true,
    },
    {
      what: 'both addresses refused',
      error: new AggregateError([
        systemError('ECONNREFUSED', 'connect'),
        systemError('ENETUNREACH', 'connect'),
      ]),
      proven: true,
    },
    {
      what: 'one address refused, one reset',
      error: new AggregateError([
        systemError('ECONNREFUSED', 'connect'),
        systemError('ECONNRESET', 'read'),
      ]),
      proven: false,
    },
    { what: 'no addresses told', error: new AggregateError([]), proven: false },
    { what: 'reset', error: systemError('ECONNRESET', 'read'), proven: false },
    { what: 'the route lost later', error: systemError('EHOSTUNREACH', 'write'), proven: false },
    { what: 'a read timed out', error: systemError('ETIMEDOUT', 'read'), proven: false },
    { what: 'broken pipe', error: systemError('EPIPE', 'write'), proven: false },
    { what: 'a TLS alert, whenever it came', error: systemError('EPROTO', 'write'), proven: false },
    { what: 'the other side closed', error: systemError('UND_ERR_SOCKET'), proven: false },
    { what: 'no headers in time', error: systemError('UND_ERR_HEADERS_TIMEOUT'), proven: false },
    { what: 'our deadline', error: new DOMException('late', 'TimeoutError'), proven: false },
    { what: 'nothing known', error: new Error('?'), proven: false },
    { what: 'no error at all', error: undefined, proven: false },
  ])('$what → $proven', ({ error, proven }) => {
    expect(provesNothingSent(error)).toBe(proven);
    expect(provesNothingSent(fetchFailed(error))).toBe(proven);
  });

  it('a chain of causes → one line with each code and message once', () => {
    const error = fetchFailed(systemError('ECONNREFUSED', 'connect'));
    expect(describeFailure(error)).toBe('fetch failed: ECONNREFUSED connect ECONNREFUSED');
    expect(describeFailure('odd')).toBe('no reason given');
  });
});
