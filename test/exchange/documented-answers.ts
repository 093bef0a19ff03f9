import { afterEach, expect } from 'vitest';
import type { ExchangeOptions } from '../../exchange/index.js';
import { openApiDocuments } from './openapi.js';

const documents = openApiDocuments();
if ('missing' in documents) {
  process.stderr.write(`SKIPPED validation of answers: ${documents.missing}\n`);
}

/** Answers that the broker gives and its documents do not describe. */
const UNDESCRIBED: ReadonlySet<string> = new Set([
  // One line of the list may be a refusal, with an envelope instead of an order.
  'DELETE /v2/positions 207',
]);

const faults: string[] = [];

afterEach(() => {
  expect(faults.splice(0), 'answers that the API documents do not allow').toEqual([]);
});

/**
 * Checks every answer of an exchange, whoever asked: against the API documents where they describe
 * it, and as an envelope with a message where it refuses. What is wrong fails the test it was in.
 */
export const documentedAnswers: NonNullable<ExchangeOptions['onAnswer']> = (answer) => {
  const fault = answer.status < 400 ? faultOf(answer) : envelopeFaultOf(answer.text);
  const { method, path, status, text } = answer;
  if (fault !== null) faults.push(`${method} ${path} ${status}: ${fault}: ${text.slice(0, 500)}`);
};

type Answered = Parameters<typeof documentedAnswers>[0];

function faultOf({ method, path, status, text }: Answered): string | null {
  if (status === 204) return text === '' ? null : 'expected no body';
  if ('missing' in documents) return null;
  const fault = documents.fault({ method, path, status, body: JSON.parse(text) as unknown });
  const isUndescribed = UNDESCRIBED.has(`${method} ${path} ${status}`);
  return isUndescribed ? null : fault;
}

function envelopeFaultOf(text: string): string | null {
  const body: unknown = JSON.parse(text);
  const isEnvelope =
    typeof body === 'object' && body !== null && 'message' in body && body.message !== '';
  return isEnvelope ? null : 'expected an envelope with a message';
}
