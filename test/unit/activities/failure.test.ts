import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { asFailure } from '../../../activities/failure.js';
import { BrokerAuthRefused, BrokerUnavailable } from '../../../adapters/broker/errors.js';
import { BooksUnusable, CommitUnknown } from '../../../adapters/store/errors.js';

describe('asFailure', () => {
  it.each([
    { what: 'keys that are refused', error: new BrokerAuthRefused('no'), type: 'BrokerAuth' },
    { what: 'a full disk', error: new BooksUnusable('no room'), type: 'BooksUnusable' },
  ])('$what → tried again, and not at once: no workflow ends with it', ({ error, type }) => {
    const failure = asFailure(error);
    expect(failure).toBeInstanceOf(ApplicationFailure);
    expect(failure).toMatchObject({ type, nonRetryable: false, nextRetryDelay: 5_000 });
  });

  it.each([
    { error: new BrokerUnavailable('down'), type: 'BrokerUnavailable' },
    { error: new CommitUnknown('perhaps'), type: 'BooksBusy' },
  ])('$type → tried again, as often as its policy says', ({ error, type }) => {
    expect(asFailure(error)).toMatchObject({ type, nonRetryable: false });
  });

  it('what is nobody’s but ours → as it is', () => {
    const error = new Error('expected this never to happen');
    expect(asFailure(error)).toBe(error);
  });
});
