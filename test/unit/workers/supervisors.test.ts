import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type Supervision,
  superviseProcess,
} from '../../../workers/processes/supervise-process.js';
import { superviseServer } from '../../../workers/temporal/supervisor.js';
import { killProcessesOf, processesOf } from '../../support/own-processes.js';

/** A process that has ended. */
const GONE = { pid: 4_194_304, startedAt: 'never' };
const KILLED = { identity: GONE, ended: Promise.resolve('signal SIGKILL') };
const never = new Promise<never>(() => undefined);

/** What is told of a process that has ended, and how it is started again. */
function supervisionOf(launch: Supervision['launch'], lines: string[]): Supervision {
  return {
    first: KILLED,
    launch,
    onEnded: (how) => void lines.push(`ended: ${how}`),
    onFailed: (error) => void lines.push(String(error)),
    onBack: (pid) => void lines.push(`back: ${pid}`),
  };
}

describe('a process', () => {
  it('cannot be started again at first → told each time, and tried until it is', async () => {
    const lines: string[] = [];
    const faults = ['no room', 'no room'];
    const back = { identity: { ...GONE, pid: 4_194_303 }, ended: never };
    const launch = async () => {
      const fault = faults.shift();
      if (fault !== undefined) throw new Error(fault);
      return back;
    };
    const supervised = superviseProcess(supervisionOf(launch, lines));
    await expect.poll(() => lines.length, { timeout: 15_000 }).toBe(4);
    expect(supervised.pid()).toBe(back.identity.pid);
    const told = ['Error: no room', 'Error: no room', `back: ${back.identity.pid}`];
    expect(lines).toEqual(['ended: signal SIGKILL', ...told]);
  });

  it('is stopped while it cannot be started → no longer tried', async () => {
    const lines: string[] = [];
    const launch = () => Promise.reject(new Error('no room'));
    const supervised = superviseProcess(supervisionOf(launch, lines));
    await expect.poll(() => lines.length).toBeGreaterThan(1);
    await supervised.stop();
    const told = lines.length;
    await new Promise(setImmediate);
    expect(lines).toHaveLength(told);
  });
});

/** A folder that goes with whatever still runs of it. */
function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ordinis-supervised-'));
  onTestFinished(async () => {
    await killProcessesOf(folder);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A program that runs until it is ended, as a server of its folder. */
function serverIn(folder: string): Parameters<typeof superviseServer>[0]['launch'] {
  const binary = join(folder, 'server.sh');
  writeFileSync(binary, '#!/bin/sh\nwhile :; do /bin/sleep 1; done\n');
  chmodSync(binary, 0o700);
  const ports = { port: 1, uiPort: 2, metricsPort: 3 };
  const database = join(folder, 'temporal.db');
  return { binary, folder, command: { ...ports, namespace: 'test', database } };
}

describe('the Temporal server', () => {
  it('cannot be noted → told, ended, tried again, and never two at once', async () => {
    const folder = openFolder();
    mkdirSync(join(folder, 'server.json.part')); // Where the note would be written.
    const lines: string[] = [];
    const supervised = superviseServer({
      launch: serverIn(folder),
      server: KILLED,
      onLine: (line) => void lines.push(line),
    });
    const told = (): readonly string[] => lines.filter((line) => line.includes('to note'));
    await expect.poll(() => told().length, { timeout: 15_000 }).toBeGreaterThan(1);
    expect((await processesOf(folder)).length).toBeLessThan(2);
    await supervised.stop();
    expect(await processesOf(folder)).toEqual([]);
    expect(lines[0]).toContain('the Temporal server ended (signal SIGKILL)');
  });

  it('cannot even be looked for → told, and tried again', async () => {
    const folder = openFolder();
    mkdirSync(join(folder, 'server.json')); // No file that could be read.
    const lines: string[] = [];
    const supervised = superviseServer({
      launch: serverIn(folder),
      server: KILLED,
      onLine: (line) => void lines.push(line),
    });
    await expect.poll(() => lines.length).toBeGreaterThan(2);
    expect(lines[1]).toMatch(/^Temporal: .*EISDIR.*; it is tried again$/);
    rmSync(join(folder, 'server.json'), { recursive: true });
    await supervised.stop();
  });
});
