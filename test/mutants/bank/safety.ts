import { type Mutant, mutantsOf } from '../mutant.js';

const HALT = 'test/unit/activities/halt.test.ts';
const HALT_CANCELS = 'test/unit/activities/halt-cancels.test.ts';
const RELEASE = 'test/unit/activities/release.test.ts';
const HALT_ARRIVES = 'test/workflows/halt-arrives.test.ts';
const WATCHER = 'test/unit/workers/kill-file-watcher.test.ts';
const REPLAY = 'test/replay/replay.test.ts';

/** Defects of halts: engaging, verifying, releasing. */
export const SAFETY_MUTANTS: readonly Mutant[] = [
  ...mutantsOf({ file: 'workflows/kill-switch.workflow.ts', killers: [HALT_ARRIVES] }, [
    {
      id: 'copied-halt-is-the-old-one',
      defect: 'a halt sent with the input of one that was released halts nothing',
      breaks: ['I7'],
      find: 'arrived.push(asNewCause(readHaltRequest(payload)))',
      replace: 'arrived.push(readHaltRequest(payload))',
    },
    {
      id: 'halt-waits-for-a-release',
      defect: 'at the end of a run a halt waits until a release has been answered',
      breaks: ['I7'],
      find: 'await condition(() => allHandlersFinished() || arrived.length > 0);',
      replace: 'await condition(() => allHandlersFinished());',
    },
  ]),
  ...mutantsOf({ file: 'workflows/kill-switch.workflow.ts', killers: [REPLAY] }, [
    {
      id: 'kill-switch-of-before-stands-still',
      defect: 'a kill switch that runs when a new version comes cannot go on: no halt reaches it',
      breaks: ['I7', 'I12', 'F52'],
      find: 'causeId === undefined || !patched(OWN_CAUSE)',
      replace: 'causeId === undefined',
    },
  ]),
  ...mutantsOf({ file: 'activities/safety/engage-halt.ts', killers: [HALT] }, [
    {
      id: 'halt-without-its-latch',
      defect: 'a halt is not seen by the process that was told of it',
      breaks: ['I7', 'F58'],
      find: "if (mode === 'halted') world.haltLatch.engage(causeId);",
      replace: '',
    },
    {
      id: 'full-disk-stops-the-halt',
      defect: 'a halt whose file cannot be written cancels nothing',
      breaks: ['I7', 'F59'],
      find: 'return describe(error); // A full disk',
      replace: 'throw error; // A full disk',
    },
    {
      id: 'locked-books-stop-the-cancel',
      defect: 'the cancel waits for books that cannot be written',
      breaks: ['I7', 'F42'],
      find: "mode === 'halted' ? cancelForHalt(world, request.cancel) : NOT_ASKED,",
      replace: `mode === 'halted'
      ? recordCause(world, { causeId, request, mode }).then(() =>
          cancelForHalt(world, request.cancel),
        )
      : NOT_ASKED,`,
    },
    {
      id: 'halt-engaged-twice',
      defect: 'the same cause raises the halt version again',
      breaks: ['I7', 'F56'],
      find: "if ((await transaction.halts.engage(row)) === 'repeated') return;",
      replace: 'await transaction.halts.engage(row);',
    },
  ]),
  ...mutantsOf({ file: 'activities/safety/verify-halt.ts', killers: [HALT] }, [
    {
      id: 'verified-after-one-list',
      defect: 'one list of the broker completes a halt',
      breaks: ['I7'],
      find: 'isProof && failure === null ? await targetsLater(world, policy) : [];',
      replace: 'isProof && failure === null ? first : [];',
    },
    {
      id: 'verified-with-a-post-under-way',
      defect: 'a halt is complete before the time-out of the last POST',
      breaks: ['I7', 'F58'],
      find: 'latestAtMs + SEND_WINDOW_MS + world.settings.submitTimeoutMs;',
      replace: 'latestAtMs + SEND_WINDOW_MS;',
    },
    {
      id: 'verified-with-an-unknown-order',
      defect: 'a halt is complete while nobody knows what became of an order',
      breaks: ['I7', 'F58'],
      find: '...(await inFlight(world))];',
      replace: '...(await inFlight(world)).slice(0, 0)];',
    },
    {
      id: 'late-order-not-canceled',
      defect: 'an order that shows up after the halt is named and left alone',
      breaks: ['I7'],
      find: 'await cancelShown(world, policy);',
      replace: `{
    ...(await cancelShown(world, 'none')),
    targets: await targetsAtBroker(world, policy),
  };`,
    },
    {
      id: 'unverified-cause-complete',
      defect: 'a cause that was engaged meanwhile counts as verified',
      breaks: ['I7'],
      find: 'if (!verified.has(cause.causeId)) continue;',
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'activities/safety/cancel-for-halt.ts', killers: [HALT, HALT_CANCELS] }, [
    {
      id: 'protection-canceled',
      defect: 'a halt cancels the orders that only reduce a position',
      breaks: ['I7'],
      find: 'return raisers;',
      replace: 'return open;',
    },
    {
      id: 'bulk-residue-forgotten',
      defect: 'lines of a bulk cancel that failed are not tried again',
      breaks: ['I7', 'F35'],
      find: 'return failedBrokerOrderIds.map(',
      replace: 'return failedBrokerOrderIds.slice(0, 0).map(',
    },
    {
      id: 'cancel-all-waits-for-lists',
      defect: 'a halt that cancels all reads the broker first',
      breaks: ['I7', 'F26'],
      find: "policy === 'cancel-all' ? await askForAll(world.broker) : null;",
      replace: 'null as Bulk | Error | null;',
    },
    {
      id: 'one-cancel-stops-the-others',
      defect: 'orders behind one whose cancel met a 429 are not asked for',
      breaks: ['I7', 'F26'],
      find: 'if (isBrokerFailure(error)) return { brokerOrderId, failure: error };',
      replace: '',
    },
    {
      id: 'unread-broker-stops-the-cancel',
      defect: 'a halt cancels nothing while positions cannot be read',
      breaks: ['I7', 'F27'],
      find: "policy === 'none' ? [] : certainRaisers(world)",
      replace: "policy === 'none' ? certainRaisers(world) : []",
    },
  ]),
  ...mutantsOf(
    {
      file: 'activities/reconciliation/reconcile.ts',
      killers: ['test/unit/activities/reconcile.test.ts'],
    },
    [
      {
        id: 'own-halt-waits-for-temporal',
        defect: 'a halt of a reconciliation cancels nothing before its signal is delivered',
        breaks: ['I7', 'F58'],
        find: 'if (found.some(isCritical)) await engageCommitted(world, causeIdOf(runId));',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'activities/safety/engage-committed.ts',
      killers: ['test/unit/workers/outbox-drainer.test.ts'],
    },
    [
      {
        id: 'released-halt-engaged-again',
        defect: 'a signal that comes late engages a halt that a person has released',
        breaks: ['I7', 'F56'],
        find: "cause.mode !== 'halted' || cause.releasedAtWallMs !== null",
        replace: "cause.mode !== 'halted'",
      },
    ],
  ),
  ...mutantsOf({ file: 'activities/safety/release-latch.ts', killers: [RELEASE] }, [
    {
      id: 'latch-let-go-of-unknown',
      defect: 'the latch lets go of a halt that the books do not hold yet',
      breaks: ['I7', 'F58'],
      find: 'if (cause !== null && cause.releasedAtWallMs !== null)',
      replace: 'if (cause?.releasedAtWallMs !== null)',
    },
  ]),
  ...mutantsOf({ file: 'activities/safety/engage-file-causes.ts', killers: [RELEASE] }, [
    {
      id: 'file-taken-for-released',
      defect: 'a kill file with a cause that nobody has released is taken away',
      breaks: ['I7', 'F68'],
      find: "open.every((cause) => cause.mode !== 'halted')",
      replace: "open.every((cause) => cause.mode !== 'reduce_only')",
    },
  ]),
  ...mutantsOf({ file: 'activities/safety/release-halt.ts', killers: [RELEASE, WATCHER] }, [
    {
      id: 'one-release-lifts-all',
      defect: 'the release of one cause lets orders go under the others',
      breaks: ['I7', 'F68'],
      find: 'transaction.account.set({ haltMode: strictestMode(left), haltVersion });',
      replace: "transaction.account.set({ haltMode: 'none', haltVersion });",
    },
    {
      id: 'released-unseen',
      defect: 'a halt is released that the operator has not seen',
      breaks: ['I7', 'F68'],
      find: 'if (seen !== undefined && seen !== transaction.account.get().haltVersion)',
      replace: 'if (seen !== undefined && seen > transaction.account.get().haltVersion)',
    },
    {
      id: 'released-unreconciled',
      defect: 'a halt is released although books and broker differ',
      breaks: ['I7', 'F68'],
      find: "if (reconciliation.outcome !== 'clean') {",
      replace: "if (reconciliation.outcome === 'failed') {",
    },
    {
      id: 'hand-made-file-overridden',
      defect: 'a halt by a hand is released by a command',
      breaks: ['I7', 'F68'],
      find: 'return written.length === 0 || written.some(',
      replace: 'return written.length > 0 && written.some(',
    },
  ]),
  ...mutantsOf({ file: 'workers/kill-file-watcher.ts', killers: [WATCHER] }, [
    {
      id: 'file-released-unreconciled',
      defect: 'a halt by file is released with the file although books and broker differ',
      breaks: ['I7', 'F68'],
      find: "if (reconciliation.outcome === 'clean') await releaseFileCauses(world, byFile);",
      replace: "if (reconciliation.outcome !== 'failed') await releaseFileCauses(world, byFile);",
    },
  ]),
  ...mutantsOf(
    {
      file: 'workflows/kill-switch.workflow.ts',
      killers: ['test/workflows/halt-continued.test.ts'],
    },
    [
      {
        id: 'halt-lost-between-runs',
        defect: 'a halt that comes while the kill switch goes on as a new run is forgotten',
        breaks: ['I7', 'F57'],
        find: 'continueAsNew<typeof killSwitch>({ ...input, arrived });',
        replace: 'continueAsNew<typeof killSwitch>({ ...input, arrived: [] });',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'adapters/safety/kill-file.ts',
      killers: ['test/unit/adapters/kill-file.test.ts', HALT, RELEASE],
    },
    [
      {
        id: 'unreadable-file-lets-pass',
        defect: 'a kill file that cannot be looked at is no halt',
        breaks: ['I8', 'F59'],
        find: 'return !isMissing(error);',
        replace: 'return isMissing(error) && path === "";',
      },
      {
        id: 'link-to-nowhere-lets-pass',
        defect: 'a link to nowhere as kill file is no halt',
        breaks: ['I7'],
        find: 'lstatSync(path);',
        replace: 'statSync(path);',
      },
      {
        id: 'foreign-line-removed',
        defect: 'a file that a hand has written into is removed',
        breaks: ['I7'],
        find: 'return ids.length === lines.length ? ids : [];',
        replace: 'return ids;',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'domain/safety/halt-request.ts',
      killers: ['test/unit/domain/safety/halt-request.test.ts'],
    },
    [
      {
        id: 'strange-halt-ignored',
        defect: 'a reason that nobody knows is taken for a loss: exits and cancels stay away',
        breaks: ['I7', 'I8'],
        find: "memberOr(HALT_REASONS, fields['reason'], 'unspecified')",
        replace: "memberOr(HALT_REASONS, fields['reason'], 'daily_loss')",
      },
      {
        id: 'mildest-mode-wins',
        defect: 'reduce-only beside a halt lets exits go',
        breaks: ['I7'],
        find: "return causes.some((cause) => cause.mode === 'halted') ? 'halted' : 'reduce_only';",
        replace:
          "return causes.every((cause) => cause.mode === 'halted') ? 'halted' : 'reduce_only';",
      },
    ],
  ),
  ...mutantsOf(
    { file: 'domain/safety/breaker.ts', killers: ['test/unit/domain/safety/breaker.test.ts'] },
    [
      {
        id: 'stale-answer-moves-the-circuit',
        defect: 'an answer from before the circuit opened decides about it',
        breaks: ['I8', 'F28'],
        find: 'if (outcome.ticket !== ticketOf(breaker)) return breaker;',
        replace: '',
      },
    ],
  ),
  ...mutantsOf(
    {
      file: 'adapters/broker/guarded-broker.ts',
      killers: ['test/adapters/guarded-broker.test.ts'],
    },
    [
      {
        id: 'halt-waits-for-the-budget',
        defect: 'what a halt must read waits for the requests of the next minute',
        breaks: ['I7', 'F26'],
        find: "this.#takeToken(isForHalt ? 'halt_read' : 'read');",
        replace: "this.#takeToken('read');",
      },
      {
        id: 'reads-end-an-outage-of-orders',
        defect: 'orders that fail for minutes do not halt, since reads work',
        breaks: ['I8', 'F27'],
        find: "this.#probe('submit', submitTicket, succeeded);",
        replace: "this.#record('submit', submitTicket, succeeded);",
      },
    ],
  ),
  ...mutantsOf({ file: 'adapters/store/lease.ts', killers: ['test/store/lease.test.ts'] }, [
    {
      id: 'moved-lease-still-held',
      defect: 'a lock on a file that was replaced still counts',
      breaks: ['I13', 'F54'],
      find: 'return isLocked && statSync(file, { throwIfNoEntry: false })?.ino === inode;',
      replace: 'return isLocked && inode > 0;',
    },
  ]),
];
