import { afterAll, beforeAll, expect, it } from 'vitest';
import { kindOf, processesOf } from '../support/own-processes.js';
import {
  openStackFolder,
  type RunningCommand,
  type StackFolder,
  told,
} from '../support/stack-folder.js';

const START = ['start', '--market', 'synthetic', '--symbols', 'SPY'];

let folder: StackFolder;
beforeAll(async () => {
  folder = await openStackFolder('left');
});
afterAll(() => folder.remove());

async function pidsBesideOrdinis(): Promise<Readonly<Record<'exchange' | 'temporal', number>>> {
  const found = await processesOf(folder.dataDirectory);
  const pidsOf = (kind: 'exchange' | 'temporal'): readonly number[] =>
    found.filter((one) => kindOf(one) === kind).map(({ pid }) => pid);
  const [exchange, ...exchanges] = pidsOf('exchange');
  const [temporal, ...temporals] = pidsOf('temporal');
  expect([...exchanges, ...temporals], 'never two on one file').toEqual([]);
  if (exchange === undefined || temporal === undefined) {
    throw new Error(`expected both beside Ordinis, found ${JSON.stringify(found)}`);
  }
  return { exchange, temporal };
}

async function startWith(flags: readonly string[]): Promise<RunningCommand> {
  const running = folder.launch([...START, ...flags]);
  await running.untilLine(/^running: account/);
  return running;
}

async function kill(running: RunningCommand): Promise<void> {
  running.signal('SIGKILL');
  await running.ended;
}

it('only Ordinis is killed: the next start goes on with what is as it wishes', async () => {
  const first = await startWith(['--speed', '60']);
  const begun = await pidsBesideOrdinis();
  await kill(first);
  const same = await startWith(['--speed', '60']);
  expect(await pidsBesideOrdinis()).toEqual(begun);
  await kill(same);
  const otherwise = await startWith(['--speed', '120']);
  const { exchange, temporal } = await pidsBesideOrdinis();
  expect(temporal).toBe(begun.temporal);
  expect(exchange).not.toBe(begun.exchange);
  expect(otherwise.lines).toContainEqual(expect.stringMatching(/^ended the paper exchange of/));
  otherwise.signal('SIGTERM');
  const end = await otherwise.ended;
  expect(end.code, told(end)).toBe(0);
  expect(await processesOf(folder.dataDirectory)).toEqual([]);
}, 180_000);
