import { type Mutant, mutantsOf } from '../mutant.js';

const STREAM = 'test/unit/activities/stream.test.ts';
const REPAIR = 'test/unit/activities/repair.test.ts';
const FILLS = 'test/unit/activities/fills.test.ts';

/** Defects of the trade updates stream and of the repair after a gap. */
export const STREAM_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'activities/stream/apply-updates.ts', killers: [STREAM, REPAIR] }, [
    {
      id: 'stream-epoch-ignored',
      defect: 'a stream that was replaced goes on writing',
      breaks: ['I3', 'I13', 'F21'],
      find: 'assert(stream?.streamEpoch === streamEpoch,',
      replace: 'assert(stream !== null,',
    },
    {
      id: 'cursor-moved-by-live-frames',
      defect: 'frames of the stream say that everything before them is repaired',
      breaks: ['I2', 'F17'],
      find: '    const results: {',
      replace: `    const repairedThroughMs = world.marketClock.nowMs();
    await transaction.streamState.set({ ...stream, repairedThroughMs });
    const results: {`,
    },
    {
      id: 'own-frame-called-external',
      defect: 'a frame that may be of an order on its way is kept as somebody else’s',
      breaks: ['I4', 'I10'],
      find: "? 'unmatched' : 'external';",
      replace: "? 'external' : 'unmatched';",
    },
    {
      id: 'frame-not-kept',
      defect: 'what the books already hold is not kept raw',
      breaks: ['I10'],
      find: 'await strangerOf(transaction, update) : applied.outcome;',
      replace: "('applied' as const) : applied.outcome;",
    },
  ]),
  ...mutantsOf({ file: 'activities/stream/run-trade-updates.ts', killers: [STREAM] }, [
    {
      id: 'burst-unnoticed',
      defect: 'nobody knows how many frames wait for the books',
      breaks: ['F25'],
      find: '    world.frames.note(live.inbox.size());\n',
      replace: '',
    },
    {
      id: 'burst-outlives-its-stream',
      defect: 'after a stream that closed in a burst drivers are told late until the next one',
      breaks: ['F25', 'I14'],
      find: '    world.frames.note(0);\n',
      replace: '',
    },
  ]),
  ...mutantsOf(
    {
      file: 'adapters/store/prisma/outbox-rows.ts',
      killers: ['test/store/prisma-books.test.ts'],
    },
    [
      {
        id: 'halt-behind-orders',
        defect: 'a halt waits until a thousand orders have been told',
        breaks: ['I7', 'F25'],
        find: `("kind" <> 'signal_halt'), `,
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'activities/stream/take-over.ts',
      killers: ['test/unit/activities/take-over.test.ts'],
    },
    [
      {
        id: 'streams-side-by-side',
        defect: 'a new stream attempt does not wait for the end of the old one',
        breaks: ['I2', 'F17'],
        find: 'await former?.ended;',
        replace: 'await Promise.resolve();',
      },
      {
        id: 'replaced-stream-begins',
        defect: 'a stream attempt that was replaced while it waited begins all the same',
        breaks: ['I2', 'F17'],
        find: 'attempt.signal.throwIfAborted();',
        replace: '',
      },
    ],
  ),
  ...mutantsOf({ file: 'activities/stream/run-trade-updates.ts', killers: [STREAM] }, [
    {
      id: 'abort-gone-by',
      defect: 'an attempt that is aborted before it listens holds its stream for ever',
      breaks: ['I14', 'F17'],
      find: 'if (context.signal.aborted) stop();',
      replace: 'if (context.signal.aborted && streamEpoch < 0) stop();',
    },
    {
      id: 'live-before-the-repair',
      defect: 'the stream is live before the gap is repaired',
      breaks: ['I2', 'I8', 'F17'],
      find: '    await repairAll(world);\n    await setStatus(world, streamEpoch, {',
      replace: `    await setStatus(world, streamEpoch, { status: 'live', message: 'too early' });
    await repairAll(world);
    await setStatus(world, streamEpoch, {`,
    },
    {
      id: 'no-repair-after-a-gap',
      defect: 'nothing is read from the lists after a reconnect',
      breaks: ['I2', 'F17'],
      find: `    await repairAll(world);
    await setStatus(`,
      replace: '    await setStatus(',
    },
    {
      id: 'failed-look-closes-the-stream',
      defect: 'one read that fails behind a frame holds every order',
      breaks: ['I14', 'F26'],
      find: 'if (!isBrokerFailure(error)) throw error;',
      replace: 'if (isBrokerFailure(error) || !(error instanceof Error)) throw error;',
    },
    {
      id: 'failed-look-forgotten',
      defect: 'an order whose look has failed is not looked at again',
      breaks: ['I2', 'F18'],
      find: 'else looks.undecided(brokerOrderId);',
      replace: 'else looks.decided(brokerOrderId);',
    },
    {
      id: 'looks-hold-up-fills',
      defect: 'fills wait until every order that is to be looked at has been asked for',
      breaks: ['I9', 'F18'],
      find: `    const [brokerOrderId] = looks.due();
    if (brokerOrderId !== undefined) {
`,
      replace: '    for (const brokerOrderId of looks.due()) {\n',
    },
    {
      id: 'unreadable-frame-dropped',
      defect: 'a frame that cannot be read is forgotten',
      breaks: ['I2', 'F22'],
      find: "if (items.some((item) => item.kind === 'unreadable')) await repairAll(world);",
      replace: '',
    },
    {
      id: 'bad-frame-takes-its-batch-along',
      defect: 'frames behind a bad one are lost with it',
      breaks: ['I2', 'F22'],
      find: 'return applyOneByOne(world, streamEpoch, updates);',
      replace: 'throw error;',
    },
  ]),
  ...mutantsOf({ file: 'activities/stream/order-looks.ts', killers: [STREAM] }, [
    {
      id: 'looks-paced-by-frames',
      defect: 'an order that nobody can decide about yet is read with every batch of frames',
      breaks: ['I14', 'F26'],
      find: 'if (!looks.has(id)) looks.set',
      replace: 'looks.set',
    },
  ]),
  ...mutantsOf({ file: 'activities/order/evidence.ts', killers: [STREAM, FILLS] }, [
    {
      id: 'fill-interval-without-its-begin',
      defect: 'every fill of the stream begins at nothing',
      breaks: ['I3', 'F13'],
      find: 'cumulativeBefore: quantity(order.filledQuantity - executed),',
      replace: 'cumulativeBefore: quantity(order.filledQuantity - order.filledQuantity),',
    },
  ]),
  ...mutantsOf(
    {
      file: 'activities/reconciliation/repair-all.ts',
      killers: [FILLS, REPAIR],
    },
    [
      {
        id: 'cursor-moved-before-the-repair',
        defect: 'a repair that fails half way counts as complete',
        breaks: ['I2', 'F17'],
        find: '  const repairedThroughMs = world.marketClock.nowMs();\n',
        replace: `  const repairedThroughMs = world.marketClock.nowMs();
  await world.books.transaction(world.account, async (transaction) => {
    const stream = await transaction.streamState.get();
    if (stream !== null) await transaction.streamState.set({ ...stream, repairedThroughMs });
  });
`,
      },
      {
        id: 'repair-without-overlap',
        defect: 'executions that the broker listed late are never read',
        breaks: ['I2', 'F17'],
        find: 'const OVERLAP_MS = 10 * 60_000;',
        replace: 'const OVERLAP_MS = 0;',
      },
      {
        id: 'own-orders-not-looked-up',
        defect: 'orders of ours that the broker no longer lists are not asked for',
        breaks: ['I2', 'F17'],
        find: 'for (const row of unlisted) {',
        replace: 'for (const row of unlisted.slice(0, 0)) {',
      },
      {
        id: 'unknown-orders-taken-from-a-list',
        defect: 'what a list shows under the id of an unknown order is booked without a comparison',
        breaks: ['I2', 'F17'],
        find: 'return isAlone && isWorking(order.progress.state);',
        replace: 'return isAlone;',
      },
      {
        id: 'gaps-below-a-late-fill-skipped',
        defect: 'an execution below the highest that is held is taken as booked',
        breaks: ['I2', 'F14', 'F18'],
        find: '!isGuessed && filledQuantity === brokerFilledQuantity && filledQuantity >= highest',
        replace: '!isGuessed && brokerFilledQuantity >= highest',
      },
    ],
  ),
  ...mutantsOf({ file: 'activities/order/repair-order.ts', killers: [FILLS] }, [
    {
      id: 'activities-of-others-taken',
      defect: 'executions of another order are booked to this one',
      breaks: ['I3'],
      find: 'brokerOrderId === shown.brokerOrderId',
      replace: 'brokerOrderId !== ""',
    },
  ]),
  ...mutantsOf(
    {
      file: 'activities/order/driver-calls.ts',
      killers: ['test/unit/workers/outbox-drainer.test.ts'],
    },
    [
      {
        id: 'told-of-a-later-version',
        defect: 'a driver that knows an older version counts as told',
        breaks: ['I14', 'F56'],
        find: 'if ((told.get(clientOrderId) ?? 0) >= version)',
        replace: 'if ((told.get(clientOrderId) ?? 0) > 0)',
      },
    ],
  ),
  ...mutantsOf(
    { file: 'workers/outbox-drainer.ts', killers: ['test/unit/workers/outbox-drainer.test.ts'] },
    [
      {
        id: 'posted-meanwhile-waits',
        defect: 'what is posted while the drainer looks waits for the next commit or second',
        breaks: ['I7'],
        find: 'if (isIdle && !isPosted && !stopped) {',
        replace: 'if (isIdle && !stopped) {',
      },
      {
        id: 'burst-held-for-ever',
        defect: 'while frames keep coming no order is ever told anything',
        breaks: ['I14', 'F25'],
        find: 'return sinceMs !== null && wallClock.monotonicMs() - sinceMs < HELD_MS_MAX;',
        replace: 'return sinceMs !== null && HELD_MS_MAX > 0;',
      },
      {
        id: 'outbox-delivered-before-commit',
        defect: 'a message is taken off the outbox before it was delivered',
        breaks: ['I14', 'F01'],
        find: `    const delivered = await Promise.all(
      rows.map(async (row) => ({ row, done: await isDelivered(world, row, deliver) })),
    );`,
        replace: `    await world.books.transaction(world.account, async (transaction) => {
      for (const row of rows) {
        await transaction.outbox.markDelivered(row.kind, row.target, row.version);
      }
    });
    const delivered = await Promise.all(
      rows.map(async (row) => ({ row, done: await isDelivered(world, row, deliver) })),
    );`,
      },
      {
        id: 'open-order-without-driver',
        defect: 'an order whose driver is gone gets none',
        breaks: ['I14', 'F51'],
        find: 'if (row === null || isClosed(view.state)) return true;',
        replace: 'if (row === null || view.version > 0) return true;',
      },
    ],
  ),
];
