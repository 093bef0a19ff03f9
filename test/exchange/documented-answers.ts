import { afterEach, expect } from 'vitest';
import type { ExchangeOptions } from '../../exchange/index.js';
import { answerFault } from './answer-fault.js';
import { frameFault } from './stream-schemas.js';

const faults: string[] = [];

afterEach(() => {
  expect(faults.splice(0), 'what the API documents and the wire do not allow').toEqual([]);
});

/**
 * Checks everything that an exchange says, whoever asked: answers against the API documents, frames
 * against the schemas of the wire. What is wrong fails the test it was in.
 */
export const documented = {
  onAnswer: ({ method, path, status, text }) => {
    const body: unknown = text === '' ? null : JSON.parse(text);
    note(answerFault({ method, path, status, body }));
  },
  onFrame: ({ frame }) => note(frameFault(frame)),
} satisfies Pick<ExchangeOptions, 'onAnswer' | 'onFrame'>;

function note(fault: string | null): void {
  if (fault !== null) faults.push(fault);
}
