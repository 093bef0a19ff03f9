import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';

export type FrameEncoding = 'json_binary' | 'json_text' | 'msgpack';

/** More unread bytes than this and the client is cut: it is too slow. */
const UNREAD_BYTES_MAX = 8 * 1024 * 1024;

/** Sends one frame in the client's encoding. */
export function sendFrame(socket: WebSocket, encoding: FrameEncoding, frame: unknown): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > UNREAD_BYTES_MAX) {
    socket.terminate();
    return;
  }
  if (encoding === 'msgpack') socket.send(encode(frame), { binary: true });
  else socket.send(JSON.stringify(frame), { binary: encoding === 'json_binary' });
}

/** A client's frame, JSON or msgpack, or null when it is neither. */
export function readFrame(bytes: Buffer, isBinary: boolean): unknown {
  const text = bytes.toString('utf8');
  if (!isBinary || text.trimStart().startsWith('{')) return parseJson(text);
  try {
    return decode(bytes);
  } catch (error) {
    // The decoder throws RangeError for a cut frame and Error for an unknown one.
    if (error instanceof Error) return null;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A client's bytes of any kind as one buffer. */
export function bytesOf(data: Buffer | ArrayBuffer | readonly Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return data instanceof ArrayBuffer ? Buffer.from(data) : Buffer.concat(data);
}
