import { connect, createServer, type Server as TcpServer, type Socket } from 'node:net';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectToRun } from '../../../workers/run-client.js';
import { RUN } from '../../cli/shell-fixture.js';

const SERVICE = '/temporal.api.workflowservice.v1.WorkflowService';

/** A Temporal that says what it can do, and answers queries as a test wants. */
let server: Server;
/** In front of it: tells when the client's connection is gone. */
let front: TcpServer;
let sockets: Set<Socket>;
let answer: status | 'never';
let queries: number;
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);

function method(name: string) {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path: `${SERVICE}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

beforeEach(async () => {
  queries = 0;
  sockets = new Set();
  uncaught.length = 0;
  process.on('uncaughtException', note);
  server = new Server();
  server.addService(
    { GetSystemInfo: method('GetSystemInfo'), QueryWorkflow: method('QueryWorkflow') },
    {
      GetSystemInfo: (_call: unknown, reply: (error: null, bytes: Buffer) => void) =>
        reply(null, Buffer.alloc(0)),
      QueryWorkflow: (_call: unknown, reply: (error: { readonly code: status }) => void) => {
        queries += 1;
        if (answer !== 'never') reply({ code: answer });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  front = createServer((socket) => {
    sockets.add(socket);
    const behind = connect(port, '127.0.0.1');
    for (const one of [socket, behind]) one.on('error', () => one.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      behind.destroy();
    });
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => {
    front.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(() => {
  process.off('uncaughtException', note);
  for (const socket of sockets) socket.destroy();
  front.close();
  server.forceShutdown();
});

async function ask() {
  const bound = front.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  const client = await connectToRun({ ...RUN, temporalAddress: `127.0.0.1:${port}` });
  const asked = client.haltState().then(
    () => 'answered',
    (error: unknown) => String(error),
  );
  await expect.poll(() => queries).toBeGreaterThan(0);
  return { client, asked };
}

describe('connectToRun: closed below a call', () => {
  it('a query that nobody answers → its caller is told, the connection goes', async () => {
    answer = 'never';
    const { client, asked } = await ask();
    await client.close();
    expect(await asked).toContain('the connection was closed during the call');
    await expect.poll(() => sockets.size).toBe(0);
    expect(uncaught).toEqual([]);
  });

  it('a query that waits to be repeated → told at once, nothing thrown beside it', async () => {
    answer = status.UNAVAILABLE;
    const { client, asked } = await ask();
    await client.close();
    expect(await asked).toContain('the connection was closed during the call');
    // The repeat still comes; the connection goes after it.
    answer = status.NOT_FOUND;
    await expect.poll(() => sockets.size, { timeout: 15_000 }).toBe(0);
    expect(queries).toBeGreaterThan(1);
    expect(uncaught).toEqual([]);
  });
});
