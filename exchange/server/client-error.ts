import type { Duplex } from 'node:stream';

/** What HTTP itself finds wrong, before there is a request: Node's codes and our answers. */
const ANSWERS: Readonly<Record<string, { readonly status: number; readonly phrase: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, phrase: 'Request Timeout' },
  HPE_HEADER_OVERFLOW: { status: 431, phrase: 'Request Header Fields Too Large' },
};
const MALFORMED = { status: 400, phrase: 'Bad Request' };

/**
 * Answers a connection that never became a request (no HTTP, too slow, heads too large) in the
 * envelope of all refusals, and ends it.
 */
export function answerClientError({ code = '' }: { readonly code?: string }, socket: Duplex): void {
  if (code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, phrase } = ANSWERS[code] ?? MALFORMED;
  const message = phrase.toLowerCase();
  const body = JSON.stringify({ code: status * 100_000, message });
  const head = [
    `HTTP/1.1 ${status} ${phrase}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  // The client may go on sending; what it still says is nobody's.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
