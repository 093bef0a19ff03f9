import { rmSync, writeFileSync } from 'node:fs';
import { expect, it, onTestFinished, vi } from 'vitest';
import { engageHalt } from '../../../activities/safety/engage-halt.js';
import { verifyHalt } from '../../../activities/safety/verify-halt.js';
import type { WorldSettings } from '../../../activities/world.js';
import { readHaltRequest } from '../../../domain/safety/halt-request.js';
import { startKillFileWatcher } from '../../../workers/kill-file-watcher.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { until } from '../activities/stream-of-test.js';

const LOOK_MS = 1_000;
/** By then no request of before the halt can be under way. */
const SAFE_MS = 6_000;

interface Watched {
  readonly test: TestWorld;
  /** Lets a look begin, unless one is under way. */
  readonly look: () => void;
}

/** A system whose kill file is watched. */
async function watched(settings: Partial<WorldSettings> = {}): Promise<Watched> {
  const test = await openTestWorld(settings);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const watcher = startKillFileWatcher(test.world);
  onTestFinished(() => {
    watcher.stop();
    vi.useRealTimers();
  });
  return { test, look: () => void vi.advanceTimersByTime(LOOK_MS) };
}

async function causesOf({ world }: TestWorld): Promise<readonly string[]> {
  return (await world.reader.halts.openCauses()).map(({ reason }) => reason);
}

async function haltModeOf({ world }: TestWorld): Promise<string | undefined> {
  return (await world.reader.account())?.haltMode;
}

/** A hand makes the file, it halts, and its cancel is verified. */
async function haltByFile({ test, look }: Watched): Promise<void> {
  writeFileSync(test.killFilePath, 'by hand\n');
  look();
  await until(async () => (await causesOf(test)).includes('file'));
  await verify(test);
}

async function verify(test: TestWorld): Promise<void> {
  test.advanceWall(SAFE_MS);
  expect(await verifyHalt(test.world)).toMatchObject({ isComplete: true });
}

/** Looks again and again until as many have compared, so that all but the last are over. */
async function compared({ test, look }: Watched, count: number): Promise<void> {
  await until(async () => {
    look();
    const runs = await test.world.reader.reconciliation.recentRuns(count);
    return runs.length === count;
  });
}

it('a hand removes its file, books and broker agree → released', async () => {
  const run = await watched();
  await haltByFile(run);
  expect(await haltModeOf(run.test)).toBe('halted');
  rmSync(run.test.killFilePath);
  run.look();
  await until(async () => (await causesOf(run.test)).length === 0);
  expect(await haltModeOf(run.test)).toBe('none');
  await until(() => !run.test.world.haltLatch.isEngaged());
});

it('the file is removed while books and broker differ → still halted by it', async () => {
  const run = await watched();
  await haltByFile(run);
  run.test.broker.cashMicros += 1;
  rmSync(run.test.killFilePath);
  await compared(run, 2);
  expect(await causesOf(run.test)).toContain('file');
  expect(await haltModeOf(run.test)).toBe('halted');
  expect(run.test.world.haltLatch.isEngaged()).toBe(true);
});

it('the file is removed while a person has halted too → that halt stays', async () => {
  const run = await watched();
  await haltByFile(run);
  const request = readHaltRequest({ reason: 'manual', triggeredBy: 'alice' });
  await engageHalt(run.test.world, 'by-alice', request);
  await verify(run.test);
  rmSync(run.test.killFilePath);
  run.look();
  await until(async () => !(await causesOf(run.test)).includes('file'));
  expect(await causesOf(run.test)).toEqual(['manual']);
  expect(await haltModeOf(run.test)).toBe('halted');
  expect(run.test.world.haltLatch.causeIds()).toEqual(['by-alice']);
});
