import { expect, it } from 'vitest';
import { openMemoryBooks } from '../../../adapters/store/memory/index.js';
import { runStartup } from '../../../workers/startup.js';
import type { StartupResult } from '../../../workflows/contract/lifecycle.js';
import { ACCOUNT, BOOT_EPOCH, openTestWorld, type TestWorld } from '../../support/test-world.js';
import { scriptedTemporal } from './run-of-test.js';

const FAILED: StartupResult = {
  outcome: 'failed',
  steps: [
    { name: 'database', outcome: 'done', message: 'sound' },
    { name: 'openComponents', outcome: 'failed', message: 'expected a live stream, found down' },
  ],
};
const LINE = 'startup: openComponents: expected a live stream, found down';

it('of an account → its workflow is its own, whatever other folders start', async () => {
  const test = await openTestWorld();
  const temporal = scriptedTemporal(async () => ({ outcome: 'running', steps: [] }));
  expect(await runStartup(temporal.client, test.world, () => undefined)).toBe('running');
  expect(temporal.started).toEqual([`startup/${ACCOUNT}/${BOOT_EPOCH}`]);
});

/** The line of a start that fails so. */
async function lineOf(
  world: TestWorld['world'],
  ends: () => Promise<unknown> = async () => FAILED,
): Promise<string> {
  const { client } = scriptedTemporal(ends);
  return runStartup(client, world, () => undefined).then(String, (error: Error) => error.message);
}

async function stateOf({ world }: TestWorld) {
  const row = await world.reader.systemState.get();
  return { state: row?.state, bootEpoch: row?.bootEpoch, message: row?.message };
}

it('a step fails → one line, and the books say so', async () => {
  const test = await openTestWorld();
  expect(await lineOf(test.world)).toBe(LINE);
  expect(await stateOf(test)).toEqual({ state: 'error', bootEpoch: BOOT_EPOCH, message: LINE });
});

it('the workflow is lost → the books say so', async () => {
  const test = await openTestWorld();
  const ends = async (): Promise<never> => {
    throw new Error('no connection');
  };
  expect(await lineOf(test.world, ends)).toBe('no connection');
  expect(await stateOf(test)).toMatchObject({ state: 'error', message: 'no connection' });
});

it('the books cannot be written → the line of the start all the same', async () => {
  const test = await openTestWorld();
  test.faults.push('error');
  expect(await lineOf(test.world)).toBe(LINE);
  expect(test.logged).toEqual(['the books do not say that the start has failed']);
});

it('before the account is in the books → nothing to write to', async () => {
  const test = await openTestWorld();
  const books = openMemoryBooks();
  const world = { ...test.world, books, reader: books.reader(ACCOUNT) };
  expect(await lineOf(world)).toBe(LINE);
  expect(test.logged).toEqual([]);
});

it('another process has the lock by now → its state stays', async () => {
  const test = await openTestWorld();
  test.loseLease();
  expect(await lineOf(test.world)).toBe(LINE);
  expect(await stateOf(test)).toMatchObject({ state: 'running' });
});
