import { expect, it } from 'vitest';
import { createTakeOver } from '../../../activities/stream/take-over.js';

it('four come while the first is slow to end → the last runs, and never two at once', async () => {
  const takeOver = createTakeOver();
  const story: string[] = [];
  const free: (() => void)[] = [];
  const begin = (name: string): Promise<string> =>
    takeOver(async (signal) => {
      story.push(`${name} begins`);
      await new Promise<void>((resolve) => free.push(resolve));
      story.push(`${name} ends${signal.aborted ? ', aborted' : ''}`);
      return name;
    }).catch((error: unknown) => `${name}: ${String(error)}`);
  const first = begin('first');
  await new Promise(setImmediate);
  const others = [begin('second'), begin('third'), begin('fourth')];
  await new Promise(setImmediate);
  expect(story).toEqual(['first begins']);
  free.shift()?.();
  await new Promise(setImmediate);
  expect(story).toEqual(['first begins', 'first ends, aborted', 'fourth begins']);
  free.shift()?.();
  expect(await Promise.all([first, ...others])).toEqual([
    'first',
    'second: Error: a newer attempt took over',
    'third: Error: a newer attempt took over',
    'fourth',
  ]);
});

it('one fails → the next begins all the same', async () => {
  const takeOver = createTakeOver();
  const failed = takeOver(() => Promise.reject(new Error('no'))).catch(String);
  expect(await takeOver(() => Promise.resolve('yes'))).toBe('yes');
  expect(await failed).toContain('Error');
});
