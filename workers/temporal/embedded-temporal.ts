import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { adoptProcess, type LaunchedProcess } from '../processes/supervise-process.js';
import { connectToTemporal } from './connect.js';
import { prepareNamespace, type NamespaceWish } from './namespace.js';
import { findFreePort, isFree } from './ports.js';
import { temporalVersion, type ServerCommand, type ServerPorts } from './server-command.js';
import { commandLineFor, launchServer, type LaunchOptions } from './server-process.js';
import { endLeftoverServer, findLeftoverServer } from './server-record.js';
import { superviseServer } from './supervisor.js';
import { TemporalUnavailable } from './unavailable.js';

const PORT = 7233;
const UI_PORT = 8233;
const METRICS_PORT = 9233;
const LAUNCHES_MAX = 3;

export interface EmbeddedTemporalOptions extends NamespaceWish {
  /** The Temporal CLI, 1.8 or newer. */
  readonly binary: string;
  /** Its folder `temporal/` is the server's. Only one Ordinis at a time may use it. */
  readonly dataDirectory: string;
  readonly preferredPort?: number;
  readonly preferredUiPort?: number;
  /** What a person should know: a moved port, a leftover that was found, a restart. */
  readonly onLine: (line: string) => void;
  /** The server died and answers again, at the same address with the same workflows. */
  readonly onRestart?: (pid: number) => void;
}

export interface EmbeddedTemporal {
  /** Stays the same for the whole run, also when the server is restarted. */
  readonly address: string;
  readonly uiUrl: string;
  readonly namespace: string;
  /** The server's process now; changes when it is restarted. */
  readonly pid: number;
  /** Ends the server and its supervision. May be called again. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a Temporal server of our own on the loopback address and keeps it alive: on a database
 * file of its own for each CLI version (there are no migrations), with every commit on the disk.
 * One that a dead run left behind is gone on with when it is just what would be started, and is
 * ended first otherwise: never two on one file. Ports move only for strangers. Throws
 * `TemporalUnavailable`, with nothing left running, when it does not come up.
 */
export async function startEmbeddedTemporal(
  options: EmbeddedTemporalOptions,
): Promise<EmbeddedTemporal> {
  const folder = join(resolve(options.dataDirectory), 'temporal');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const database = join(folder, `temporal-${await temporalVersion(options.binary)}.db`);
  const place = { folder, database };
  const adopted = await adoptLeftover(options, place);
  if (adopted !== null) return adopted;
  await endLeftover(folder, options.onLine);
  return superviseLaunched(options, await launchOnFreePorts(options, place));
}

interface Place {
  readonly folder: string;
  readonly database: string;
}

interface Launched {
  readonly launch: LaunchOptions;
  readonly server: LaunchedProcess;
}

/**
 * Goes on with what a dead run left behind, if it is what we would start on the ports we prefer:
 * ending and starting it takes seconds, with open orders. Null: there is none such, or it no
 * longer answers as it should and has been ended.
 */
async function adoptLeftover(
  options: EmbeddedTemporalOptions,
  place: Place,
): Promise<EmbeddedTemporal | null> {
  const leftover = await findLeftoverServer(place.folder);
  if (leftover === null) return null;
  const { port, uiPort, metricsPort, pid } = leftover;
  const launch = launchOptions(options, place, { port, uiPort, metricsPort });
  const { preferredPort = PORT, preferredUiPort = UI_PORT, onLine } = options;
  const isWhereWanted = port === preferredPort && uiPort === preferredUiPort;
  if (!isWhereWanted || leftover.commandLine !== commandLineFor(launch)) return null;
  try {
    const server = adoptProcess(leftover);
    const embedded = await superviseLaunched(options, { launch, server });
    onLine(`goes on with the Temporal server of an earlier run (process ${pid})`);
    return embedded;
  } catch (error) {
    // Whatever was wrong with it: another takes its place, and fails in turn if that was not all.
    onLine(`the Temporal server of an earlier run is replaced: ${String(error)}`);
    return null;
  }
}

function launchOptions(
  options: EmbeddedTemporalOptions,
  { folder, database }: Place,
  ports: ServerPorts,
): LaunchOptions {
  const command: ServerCommand = { ...ports, namespace: options.namespace, database };
  return { binary: options.binary, folder, command };
}

/** Keeps the server alive, and has its namespace ready. Ends it when that fails. */
async function superviseLaunched(
  options: EmbeddedTemporalOptions,
  { launch, server }: Launched,
): Promise<EmbeddedTemporal> {
  const { port, uiPort, database } = launch.command;
  const supervised = superviseServer({ ...options, launch, server });
  const address = `127.0.0.1:${port}`;
  try {
    await prepare(address, database, options);
  } catch (error) {
    await supervised.stop();
    throw error;
  }
  return {
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    namespace: options.namespace,
    get pid() {
      return supervised.pid();
    },
    stop: supervised.stop,
  };
}

async function endLeftover(folder: string, onLine: (line: string) => void): Promise<void> {
  const leftover = await endLeftoverServer(folder);
  if (leftover !== null) {
    onLine(`ended the Temporal server of an earlier run (process ${leftover.pid})`);
  }
}

/** A stranger may take a port between our look and the server's: then look again. */
async function launchOnFreePorts(
  options: EmbeddedTemporalOptions,
  place: Place,
): Promise<Launched> {
  for (let launches = 1; ; launches += 1) {
    const ports = await choosePorts(options);
    const launch = launchOptions(options, place, ports);
    try {
      return { launch, server: await launchServer(launch) };
    } catch (error) {
      await endLeftoverServer(place.folder);
      if (launches === LAUNCHES_MAX || (await areFree(ports))) {
        throw error;
      }
    }
  }
}

async function choosePorts(options: EmbeddedTemporalOptions): Promise<ServerPorts> {
  const { preferredPort = PORT, preferredUiPort = UI_PORT, onLine } = options;
  const port = await findFreePort(preferredPort, []);
  const uiPort = await findFreePort(preferredUiPort, [port]);
  const metricsPort = await findFreePort(METRICS_PORT, [port, uiPort]);
  if (port !== preferredPort) {
    onLine(`port ${preferredPort} is taken by another program: Temporal uses ${port}`);
  }
  if (uiPort !== preferredUiPort) {
    onLine(`port ${preferredUiPort} is taken by another program: the Web UI uses ${uiPort}`);
  }
  return { port, uiPort, metricsPort };
}

async function areFree({ port, uiPort, metricsPort }: ServerPorts): Promise<boolean> {
  const free = await Promise.all([port, uiPort, metricsPort].map(isFree));
  return free.every(Boolean);
}

async function prepare(address: string, database: string, wish: NamespaceWish): Promise<void> {
  const connection = await connectToTemporal(address);
  try {
    await prepareNamespace(connection, wish);
  } finally {
    await connection.close();
  }
  if (!existsSync(`${database}-wal`)) {
    throw new TemporalUnavailable(
      `Temporal: expected the server to keep a write-ahead log beside ${database}, found none; ` +
        'use the Temporal CLI that "npm run setup" provides',
    );
  }
}
