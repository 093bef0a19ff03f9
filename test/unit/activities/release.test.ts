import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { placeOrder } from '../../../activities/order/place-order.js';
import { engageFileCauses } from '../../../activities/safety/engage-file-causes.js';
import { engageHalt } from '../../../activities/safety/engage-halt.js';
import { releaseCauses, releaseHalt } from '../../../activities/safety/release-halt.js';
import { releaseLatch } from '../../../activities/safety/release-latch.js';
import { verifyHalt } from '../../../activities/safety/verify-halt.js';
import { CommitUnknown } from '../../../adapters/store/errors.js';
import { type HaltRequest, readHaltRequest } from '../../../domain/safety/halt-request.js';
import { assert } from '../../../domain/values/index.js';
import { openTestWorld, type TestWorld } from '../../support/test-world.js';
import { inputOf, standingOf, toldOf } from './order-of-test.js';

const request: HaltRequest = readHaltRequest({ reason: 'manual', triggeredBy: 'alice' });
const clean = { outcome: 'clean', message: 'books and broker agree' };
/** By then no request of before the halt can be under way. */
const SAFE_MS = 6_000;

async function complete(): Promise<TestWorld> {
  const test = await openTestWorld();
  await engageHalt(test.world, 'cause-1', request);
  test.advanceWall(SAFE_MS);
  await verifyHalt(test.world);
  return test;
}

const wish = { operator: 'alice', reason: 'checked', haltVersion: 1 };

it('all conditions hold → released in every part; orders go again', async () => {
  const test = await complete();
  const answer = await releaseHalt(test.world, { request: wish, reconciliation: clean });
  expect(answer).toEqual({ released: true, haltVersion: 2, causes: ['cause-1'] });
  expect(test.world.haltLatch.isEngaged()).toBe(false);
  expect(test.world.killFile.isEngaged()).toBe(false);
  expect(await test.world.reader.account()).toMatchObject({ haltMode: 'none', haltVersion: 2 });
  expect(await toldOf(test)).toEqual(['emergency kill_switch', 'emergency kill_switch']);
  expect((await placeOrder(test.world, inputOf())).state).toBe('accepted');
});

it('nothing holds → every open condition at once, and still halted', async () => {
  const test = await openTestWorld();
  await engageHalt(test.world, 'cause-1', request);
  writeFileSync(test.killFilePath, 'by hand\n');
  const answer = await releaseHalt(test.world, {
    request: { operator: ' ', reason: '', haltVersion: 9 },
    reconciliation: { outcome: 'not_calm', message: 'in flight: a' },
  });
  expect(answer).toEqual({
    released: false,
    conditions: [
      'a name is needed: who releases',
      'a reason is needed: why it is safe again',
      'halt version 9 was seen, 1 is in force: look again',
      expect.stringMatching(/^the cancel of manual by .* \(.*\) is not verified yet$/),
      'the reconciliation is not clean: in flight: a',
      `the file ${test.killFilePath} was made by hand: remove it`,
    ],
  });
  expect(test.world.haltLatch.isEngaged()).toBe(true);
  expect((await test.world.reader.account())?.haltMode).toBe('halted');
});

it('halted between the look and the write → refused, everything stays engaged', async () => {
  const test = await complete();
  const { books } = test;
  let isEngaging = false;
  const world = {
    ...test.world,
    books: {
      ...books,
      transaction: async (...args: Parameters<typeof books.transaction>) => {
        if (!isEngaging) {
          isEngaging = true;
          await engageHalt(test.world, 'cause-2', request);
        }
        return books.transaction(...args);
      },
    } as typeof books,
  };
  const answer = await releaseHalt(world, { request: wish, reconciliation: clean });
  expect(answer).toMatchObject({ released: false });
  expect(test.world.haltLatch.isEngaged()).toBe(true);
  expect(test.world.killFile.causeIds()).toEqual(['cause-1', 'cause-2']);
  expect((await test.world.reader.halts.openCauses()).length).toBe(2);
});

it('two operators at once → one releases, the other is told to look again', async () => {
  const test = await complete();
  const answers = await Promise.all(
    ['alice', 'bob'].map((operator) =>
      releaseHalt(test.world, { request: { ...wish, operator }, reconciliation: clean }),
    ),
  );
  expect(answers.filter(({ released }) => released)).toHaveLength(1);
  expect((await test.world.reader.account())?.haltVersion).toBe(2);
});

/** A release whose commit gets no answer. */
async function unanswered(): Promise<TestWorld> {
  const test = await complete();
  const { books } = test;
  const transaction: typeof books.transaction = async (...given) => {
    await books.transaction(...given);
    throw new CommitUnknown('no answer to the commit');
  };
  const world = { ...test.world, books: { ...books, transaction } };
  const release = releaseHalt(world, { request: wish, reconciliation: clean });
  await expect(release).rejects.toThrow('no answer');
  expect(test.world.haltLatch.isEngaged()).toBe(true);
  return test;
}

it('its commit gets no answer → made all the same, and the latch lets go of it', async () => {
  const test = await unanswered();
  await releaseLatch(test.world);
  expect(test.world.haltLatch.isEngaged()).toBe(false);
});

it('its commit gets no answer, and it is asked again → the same release, whole', async () => {
  const test = await unanswered();
  const answer = await releaseHalt(test.world, { request: wish, reconciliation: clean });
  expect(answer).toEqual({ released: true, haltVersion: 2, causes: ['cause-1'] });
  expect(test.world.haltLatch.isEngaged()).toBe(false);
  expect(test.world.killFile.isEngaged()).toBe(false);
  expect(await toldOf(test)).toEqual(['emergency kill_switch', 'emergency kill_switch']);
});

it('asked twice at once → both are told of one release', async () => {
  const test = await complete();
  const evidence = { request: wish, reconciliation: clean };
  const answers = await Promise.all([1, 2].map(() => releaseHalt(test.world, evidence)));
  const released = { released: true, haltVersion: 2, causes: ['cause-1'] };
  expect(answers).toEqual([released, released]);
  expect((await test.world.reader.account())?.haltVersion).toBe(2);
});

it.each([
  ['somebody else asks with the version that was seen', { ...wish, operator: 'bob' }],
  ['for another reason', { ...wish, reason: 'the fill is explained' }],
  ['of a version before that', { ...wish, haltVersion: 0 }],
])('released, and %s → not theirs', async (_name, request) => {
  const test = await unanswered();
  const answer = await releaseHalt(test.world, { request, reconciliation: clean });
  expect(answer).toMatchObject({ released: false });
});

it('released, and halted again before it is asked again → not released', async () => {
  const test = await unanswered();
  await engageHalt(test.world, 'cause-2', request);
  const answer = await releaseHalt(test.world, { request: wish, reconciliation: clean });
  expect(answer).toMatchObject({ released: false });
  expect(test.world.haltLatch.isEngaged()).toBe(true);
});

it('another halt that the books do not hold yet → keeps the latch', async () => {
  const test = await complete();
  test.world.haltLatch.engage('cause-2');
  await releaseHalt(test.world, { request: wish, reconciliation: clean });
  expect(test.world.haltLatch.causeIds()).toEqual(['cause-2']);
});

it('cut off between the books and the file → the next look at the file ends it', async () => {
  const test = await complete();
  const causes = await test.world.reader.halts.openCauses();
  await releaseCauses(test.world, causes, wish);
  await expect(placeOrder(test.world, inputOf())).rejects.toThrow('latch is engaged');
  await engageFileCauses(test.world);
  expect(test.world.killFile.isEngaged()).toBe(false);
  expect(test.world.haltLatch.isEngaged()).toBe(false);
  expect((await test.world.reader.account())?.haltMode).toBe('none');
});

it('a file of a released and an open cause → stays, and so does the halt', async () => {
  const test = await complete();
  const causes = await test.world.reader.halts.openCauses();
  await releaseCauses(test.world, causes, wish);
  await engageHalt(test.world, 'cause-2', request);
  await engageFileCauses(test.world);
  expect(test.world.killFile.causeIds()).toEqual(['cause-1', 'cause-2']);
  expect(test.world.haltLatch.isEngaged()).toBe(true);
  test.advanceWall(SAFE_MS);
  await verifyHalt(test.world);
  const again = { ...wish, haltVersion: 3 };
  const evidence = { request: again, reconciliation: clean };
  const answer = await releaseHalt(test.world, evidence);
  expect(answer).toMatchObject({ released: true, causes: ['cause-2'] });
  expect(test.world.killFile.isEngaged()).toBe(false);
});

it('several causes → released together', async () => {
  const test = await complete();
  await engageHalt(test.world, 'loss', readHaltRequest({ reason: 'drawdown' }));
  const answer = await releaseHalt(test.world, {
    request: { ...wish, haltVersion: 2 },
    reconciliation: clean,
  });
  expect(answer).toMatchObject({ released: true, causes: ['cause-1', 'loss'] });
});

it.each([
  ['a halt', 'manual', 'halted'],
  ['a loss', 'drawdown', 'reduce_only'],
] as const)(
  'one cause is released beside %s → what that one wants stays in force',
  async (...row) => {
    const [, reason, mode] = row;
    const test = await complete();
    const [first] = await test.world.reader.halts.openCauses();
    assert(first !== undefined, 'expected the cause that was just engaged');
    await engageHalt(test.world, 'left', readHaltRequest({ reason }));
    expect(await releaseCauses(test.world, [first], { ...wish, haltVersion: 2 })).toBe(3);
    expect((await test.world.reader.account())?.haltMode).toBe(mode);
    await releaseLatch(test.world);
    expect((await placeOrder(test.world, inputOf())).detail).toContain(mode);
  },
);

it('halted → orders are denied whatever else holds', async () => {
  const test = await complete();
  expect((await placeOrder(test.world, inputOf())).detail).toContain('halted');
  expect(await standingOf(test)).toBe('denied 0');
});
