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

interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Null where the answer has none. */
  readonly body: unknown;
}

/**
 * What is wrong with an answer of the exchange, in one line, or null: against the API documents
 * where they describe it, and as an envelope with a message where it refuses.
 */
export function answerFault(answer: Answer): string | null {
  const { method, path, status, body } = answer;
  const fault = status < 400 ? documentFault(answer) : envelopeFault(body);
  if (fault === null) return null;
  return `${method} ${path} ${status}: ${fault}: ${JSON.stringify(body).slice(0, 500)}`;
}

function documentFault({ method, path, status, body }: Answer): string | null {
  if (status === 204) return body === null ? null : 'expected no body';
  if ('missing' in documents) return null;
  const fault = documents.fault({ method, path, status, body });
  return UNDESCRIBED.has(`${method} ${path} ${status}`) ? null : fault;
}

function envelopeFault(body: unknown): string | null {
  const isEnvelope =
    typeof body === 'object' && body !== null && 'message' in body && body.message !== '';
  return isEnvelope ? null : 'expected an envelope with a message';
}
