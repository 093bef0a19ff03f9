import { BrokerAuthRefused, BrokerUnavailable } from '../adapters/broker/errors.js';
import { BooksUnusable } from '../adapters/store/errors.js';
import { StartRefused } from './start-options.js';
import { TemporalUnavailable } from './temporal/index.js';

/**
 * What a person can mend of a start that failed, as the one line that says how: exit code 2 for
 * what was given wrongly, 1 where the world has failed: a broker or a Temporal out of reach, books
 * that cannot be used. Anything else passes as it is.
 */
export function refusalOf(error: unknown): unknown {
  if (error instanceof BrokerAuthRefused) {
    const found = `expected keys that the broker takes, found: ${error.message}`;
    return new StartRefused(`${found}; correct APCA_API_KEY_ID and APCA_API_SECRET_KEY`, 2);
  }
  if (error instanceof BrokerUnavailable) {
    return new StartRefused(`${error.message}; check the connection and start again`, 1);
  }
  const isForAPerson = error instanceof TemporalUnavailable || error instanceof BooksUnusable;
  return isForAPerson ? new StartRefused(error.message, 1) : error;
}
