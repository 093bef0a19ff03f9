import { afterEach, describe, expect, it } from 'vitest';
import { BrokerUnavailable } from '../../adapters/broker/errors.js';
import { BooksUnusable } from '../../adapters/store/errors.js';
import { connectBroker } from '../../workers/broker-connection.js';
import { openWallClock } from '../../workers/clocks.js';
import { refusalOf } from '../../workers/start-refusal.js';
import { TemporalUnavailable } from '../../workers/temporal/index.js';
import { EXCHANGE_KEYS, openExchange, SYMBOLS } from './paper-exchange.js';

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

let close = async (): Promise<void> => undefined;
afterEach(() => close());

describe('start: what a person can mend', () => {
  it('keys that the broker rejects → exit code 2 and one line without the secret', async () => {
    const exchange = await openExchange();
    close = () => exchange.close();
    const credentials = { ...EXCHANGE_KEYS, secret: 'not-its-secret' };
    const refusal = await connectBroker({
      addresses: exchange,
      credentials,
      symbols: SYMBOLS,
      time: 'realtime',
      feed: 'iex',
      dataFeed: 'iex',
      wallClock: openWallClock(),
      log: SILENT,
    }).then(
      () => null,
      (error: unknown) => refusalOf(error),
    );
    expect(refusal).toMatchObject({ name: 'StartRefused', exitCode: 2 });
    const message = refusal instanceof Error ? refusal.message : '';
    expect(message).toMatch(/^expected keys .*; correct APCA_API_KEY_ID and APCA_API_SECRET_KEY$/);
    expect(message).not.toContain(credentials.secret);
  });

  it('a broker out of reach → exit code 1, and what to do', () => {
    expect(refusalOf(new BrokerUnavailable('no answer'))).toMatchObject({
      name: 'StartRefused',
      exitCode: 1,
      message: 'no answer; check the connection and start again',
    });
  });

  it.each([
    ['books that are damaged', new BooksUnusable('expected a sound database; restore a backup')],
    ['a Temporal out of reach', new TemporalUnavailable('127.0.0.1:1 does not answer; unset it')],
  ])('%s → exit code 1, and its own line', (_what, error) => {
    const { message } = error;
    expect(refusalOf(error)).toMatchObject({ name: 'StartRefused', exitCode: 1, message });
  });

  it('an error of our own → passes as it is', () => {
    const own = new Error('ours');
    expect(refusalOf(own)).toBe(own);
  });
});
