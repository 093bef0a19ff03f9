import { createServer } from 'node:net';

const TRIES = 50;
const HOST = '127.0.0.1';

/**
 * The preferred port, or the next free one above it when another program holds it. `taken` are
 * ports that are promised but not yet held.
 */
export async function findFreePort(preferred: number, taken: readonly number[]): Promise<number> {
  for (let port = preferred; port < preferred + TRIES; port += 1) {
    if (!taken.includes(port) && (await isFree(port))) {
      return port;
    }
  }
  throw new Error(
    `expected a free port from ${preferred} to ${preferred + TRIES - 1} on ${HOST}, found none; ` +
      'end one of the programs that hold them',
  );
}

/** Whether a server could listen on this port of this machine now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') {
        resolve(false);
      } else {
        reject(error);
      }
    });
    probe.listen({ port, host: HOST, exclusive: true }, () => {
      probe.close(() => resolve(true));
    });
  });
}
