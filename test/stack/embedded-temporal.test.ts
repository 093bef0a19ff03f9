import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  connectToTemporal,
  startEmbeddedTemporal,
  TemporalUnavailable,
  type EmbeddedTemporal,
  type EmbeddedTemporalOptions,
} from '../../workers/temporal/index.js';
import {
  identifyProcess,
  isRunning,
  type ProcessIdentity,
} from '../../workers/processes/process-identity.js';
import type { ServerCommand } from '../../workers/temporal/server-command.js';
import { launchServer } from '../../workers/temporal/server-process.js';
import {
  endLeftoverServer,
  readServerRecord,
  writeServerRecord,
  type ServerRecord,
} from '../../workers/temporal/server-record.js';
import { temporalBinary } from '../support/temporal-binary.js';

const RETENTION_SECONDS = 720 * 3600;
/** Apart for each run, so that two at once on one machine do not move each other. */
const PORT = 20_000 + (process.pid % 5_000) * 8;
const UI_PORT = PORT + 4;
const status = defineSearchAttributeKey('OrdStatus', 'KEYWORD');

let dataDirectory: string;
let lines: string[];
let started: EmbeddedTemporal[];
let closers: (() => Promise<unknown>)[];

beforeEach(() => {
  dataDirectory = mkdtempSync(join(tmpdir(), 'ordinis-temporal-'));
  lines = [];
  started = [];
  closers = [];
});

afterEach(async () => {
  await Promise.all(closers.map((close) => close()));
  await Promise.all(started.map((server) => server.stop()));
  rmSync(dataDirectory, { recursive: true, force: true });
});

async function start(over: Partial<EmbeddedTemporalOptions> = {}): Promise<EmbeddedTemporal> {
  const server = await startEmbeddedTemporal({
    binary: await temporalBinary(),
    dataDirectory,
    preferredPort: PORT,
    preferredUiPort: UI_PORT,
    namespace: 'ordinis',
    retentionDays: 30,
    searchAttributes: { OrdStatus: 'KEYWORD', OrdNotional: 'DOUBLE' },
    onLine: (line) => lines.push(line),
    ...over,
  });
  started.push(server);
  return server;
}

async function clientOf(server: EmbeddedTemporal): Promise<Client> {
  const connection = await Connection.connect({ address: server.address });
  closers.push(() => connection.close());
  return new Client({ connection, namespace: server.namespace });
}

/** A workflow that no worker runs: it stays open, which is all that these tests need. */
async function startWaiting(client: Client, workflowId: string): Promise<void> {
  await client.workflow.start('waiting', {
    workflowId,
    taskQueue: 'nobody',
    typedSearchAttributes: new TypedSearchAttributes([{ key: status, value: 'accepted' }]),
  });
}

async function recordOf(folder: string): Promise<ServerRecord> {
  const record = await readServerRecord(folder);
  if (record === null) {
    throw new Error(`expected a record of the server in ${folder}, found none`);
  }
  return record;
}

function holdPort(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const stranger = createServer((socket) => socket.destroy());
    closers.push(() => new Promise((done) => stranger.close(done)));
    stranger.once('error', reject);
    stranger.listen(port, '127.0.0.1', () => resolve(stranger));
  });
}

describe('startEmbeddedTemporal', () => {
  it('fresh folder: namespace, retention, attributes, WAL, private folder', async () => {
    const server = await start();
    const client = await clientOf(server);
    const { config } = await client.workflowService.describeNamespace({ namespace: 'ordinis' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(RETENTION_SECONDS);
    await startWaiting(client, 'order/one');
    await vi.waitFor(async () => {
      const { count } = await client.workflow.count("OrdStatus = 'accepted'");
      expect(count).toBe(1);
    });
    const folder = join(dataDirectory, 'temporal');
    const { database } = await recordOf(folder);
    expect(database).toMatch(/temporal-\d+\.\d+\.\d+\.db$/);
    expect(existsSync(`${database}-wal`)).toBe(true);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect((await fetch(server.uiUrl)).status).toBe(200);
    expect(lines).toEqual([]);
  });

  it('the server is killed: it comes back at the same address with its workflows', async () => {
    const restarts: number[] = [];
    const server = await start({ onRestart: (pid) => restarts.push(pid) });
    const client = await clientOf(server);
    await startWaiting(client, 'order/survivor');
    const killed = server.pid;
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(() => expect(restarts).toHaveLength(1), { timeout: 30_000 });
    expect(server.pid).not.toBe(killed);
    expect(restarts).toEqual([server.pid]);
    const description = await client.workflow.getHandle('order/survivor').describe();
    expect(description.status.name).toBe('RUNNING');
    expect(lines).toEqual([
      expect.stringContaining('signal SIGKILL'),
      expect.stringContaining('is back'),
    ]);
  });

  it('ports held by strangers: the server moves and says so', async () => {
    await holdPort(PORT);
    await holdPort(UI_PORT);
    const server = await start();
    expect(server.address).toBe(`127.0.0.1:${PORT + 1}`);
    expect(server.uiUrl).toBe(`http://127.0.0.1:${UI_PORT + 1}`);
    expect(lines).toEqual([
      expect.stringContaining(`${PORT} is`),
      expect.stringContaining(`${UI_PORT} is`),
    ]);
  });

  it('stop: the process is gone, its record too, and a new start finds the workflows', async () => {
    const first = await start();
    await startWaiting(await clientOf(first), 'order/kept');
    const identity = await identifyProcess(first.pid);
    await first.stop();
    expect(identity !== null && (await isRunning(identity))).toBe(false);
    expect(existsSync(join(dataDirectory, 'temporal', 'server.json'))).toBe(false);
    const second = await start({ searchAttributes: { OrdStatus: 'KEYWORD', OrdLate: 'BOOL' } });
    const client = await clientOf(second);
    expect((await client.workflow.getHandle('order/kept').describe()).status.name).toBe('RUNNING');
    expect((await client.workflow.count('OrdLate IS NULL')).count).toBe(1);
  });
});

describe('a server that a dead run left behind', () => {
  /** Nobody supervises it: as if the process that started it had been killed. */
  async function leaveRunning(
    workflowId: string,
    over: Partial<ServerCommand> = {},
  ): Promise<ProcessIdentity> {
    const folder = join(dataDirectory, 'temporal');
    const first = await start();
    await startWaiting(await clientOf(first), workflowId);
    const command = { ...(await recordOf(folder)), namespace: 'ordinis', ...over };
    await first.stop();
    const leftover = await launchServer({ binary: await temporalBinary(), folder, command });
    return leftover.identity;
  }

  async function statusOf(server: EmbeddedTemporal, workflowId: string): Promise<string> {
    const client = await clientOf(server);
    return (await client.workflow.getHandle(workflowId).describe()).status.name;
  }

  it('it still runs: the next start goes on with it, and keeps it alive', async () => {
    const leftover = await leaveRunning('order/left');
    const server = await start();
    expect(server.pid).toBe(leftover.pid);
    expect(server.address).toBe(`127.0.0.1:${PORT}`);
    expect(await statusOf(server, 'order/left')).toBe('RUNNING');
    process.kill(leftover.pid, 'SIGKILL');
    await vi.waitFor(() => expect(server.pid).not.toBe(leftover.pid), { timeout: 30_000 });
    expect(await statusOf(server, 'order/left')).toBe('RUNNING');
    expect(lines).toEqual([
      expect.stringContaining('goes on with the Temporal server of an earlier run'),
      expect.stringContaining('starting it again'),
      expect.stringContaining('is back'),
    ]);
    await server.stop();
    expect(existsSync(join(dataDirectory, 'temporal', 'server.json'))).toBe(false);
  });

  it('it was started otherwise: it is ended, its ports and its workflows are kept', async () => {
    const leftover = await leaveRunning('order/left', { namespace: 'another' });
    const server = await start();
    expect(await isRunning(leftover)).toBe(false);
    expect(server.address).toBe(`127.0.0.1:${PORT}`);
    expect(await statusOf(server, 'order/left')).toBe('RUNNING');
    expect(lines).toEqual([expect.stringContaining('ended the Temporal server of an earlier run')]);
  });

  it('it no longer answers: it is ended, and another goes on with its workflows', async () => {
    const leftover = await leaveRunning('order/left');
    process.kill(leftover.pid, 'SIGSTOP');
    const server = await start();
    expect(await isRunning(leftover)).toBe(false);
    expect(await statusOf(server, 'order/left')).toBe('RUNNING');
    expect(lines).toEqual([
      expect.stringContaining('the Temporal server of an earlier run is replaced'),
    ]);
  });

  it.each(['another start', 'the same start'])(
    'its process id belongs to a stranger with %s: the stranger lives',
    async (kind) => {
      const folder = join(dataDirectory, 'temporal');
      const stranger = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
      closers.push(async () => stranger.kill('SIGKILL'));
      const identity = await identifyProcess(stranger.pid ?? 0);
      expect(identity).not.toBeNull();
      const startedAt = kind === 'the same start' ? (identity?.startedAt ?? '') : '1';
      const ports = { port: PORT, uiPort: UI_PORT, metricsPort: PORT + 7 };
      mkdirSync(folder);
      await writeServerRecord(folder, {
        ...ports,
        pid: stranger.pid ?? 0,
        startedAt,
        database: join(folder, 'temporal-1.8.2.db'),
      });
      await expect(endLeftoverServer(folder)).resolves.toBeNull();
      expect(identity !== null && (await isRunning(identity))).toBe(true);
      expect(existsSync(join(folder, 'server.json'))).toBe(false);
    },
  );
});

describe('connectToTemporal', () => {
  it.each([
    ['127.0.0.1:1', 'expected a server at 127.0.0.1:1'],
    ['nonsense', 'expected an address such as 127.0.0.1:7233, found "nonsense"'],
    ['127.0.0.1:99999', 'expected an address such as 127.0.0.1:7233'],
  ])('%s: nobody answers → one line that says so', async (address, expected) => {
    const failure = await connectToTemporal(address).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TemporalUnavailable);
    const { message } = failure as TemporalUnavailable;
    expect(message).toContain(expected);
    expect(message).not.toContain('\n');
  });
});
