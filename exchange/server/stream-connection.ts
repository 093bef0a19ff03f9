import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import { jsonOrNull } from '../../domain/values/index.js';
import type { StreamAction } from '../faults/fault-action.js';
import type { StreamFacts } from '../faults/fault-rule.js';
import type { StreamRecord } from '../run/command.js';
import type { MeantFrame } from '../run/wire-samples.js';
import type { Credentials } from './exchange-context.js';

/** What a stream needs of the exchange it belongs to. */
export interface StreamParts {
  readonly credentials: Credentials;
  readonly note: (record: StreamRecord) => void;
  /** Sees every frame as it was meant; must not throw. */
  readonly onMeantFrame: (meant: MeantFrame) => void;
  /** What a fault does to a moment of a connection. */
  readonly faultOf: (facts: StreamFacts) => StreamAction | null;
}

export type FrameEncoding = 'json_binary' | 'json_text' | 'msgpack';

/** More unread bytes than this and the client is too slow. */
const UNREAD_BYTES_MAX = 8 * 1024 * 1024;

/** What became of a frame: `slow` = the client has not read far too much of what it was sent. */
export type SendOutcome = 'sent' | 'slow' | 'closed';

/** Sends one frame in the client's encoding, unless the client is too slow for more. */
export function sendFrame(socket: WebSocket, encoding: FrameEncoding, frame: unknown): SendOutcome {
  if (socket.readyState !== WebSocket.OPEN) return 'closed';
  if (socket.bufferedAmount > UNREAD_BYTES_MAX) return 'slow';
  if (encoding === 'msgpack') socket.send(encode(frame), { binary: true });
  else socket.send(JSON.stringify(frame), { binary: encoding === 'json_binary' });
  return 'sent';
}

/** A client's frame, JSON or msgpack, or null when it is neither. */
export function readFrame(bytes: Buffer, isBinary: boolean): unknown {
  const text = bytes.toString('utf8');
  if (!isBinary || text.trimStart().startsWith('{')) return jsonOrNull(text);
  try {
    return decode(bytes);
  } catch (error) {
    // The decoder throws RangeError for a cut frame and Error for an unknown one.
    if (error instanceof Error) return null;
    throw error;
  }
}

/** A client's bytes of any kind as one buffer. */
export function bytesOf(data: Buffer | ArrayBuffer | readonly Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.concat(data);
}
