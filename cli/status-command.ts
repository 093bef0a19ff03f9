import { formatUsd } from '../domain/values/index.js';
import { cancelStandingOf } from '../workers/reference.js';
import type { RunRecord } from '../workers/run-record.js';
import { type Answer, printAnswer } from './answer.js';
import { type BooksSnapshot, equityOf, readSnapshot, totalUnrealized } from './books-snapshot.js';
import {
  aliveRun,
  defaultDataDirectory,
  existingDataDirectory,
  hasBooks,
  isKillFilePresent,
  killFilePath,
  startingProcess,
  withBooks,
} from './data-folder.js';
import { CommandFailure, EXIT, NoAccountYet } from './failure.js';
import { linkPairs, linksOf, temporalHaltCommand } from './links.js';
import { orderJson, orderTable } from './orders/order-lines.js';
import { positionJson, positionTable } from './positions-command.js';
import type { CommonFlags, Shell } from './shell.js';
import { renderPairs } from './table.js';
import { turnJson, turnTable } from './turns-command.js';
import { instantJson, money, NONE } from './words.js';

interface Status {
  readonly dataDirectory: string;
  readonly usualDirectory: string;
  readonly run: RunRecord | null;
  /** The process that has the folder while no run is up. */
  readonly startingPid: number | null;
  readonly isKillFilePresent: boolean;
  readonly snapshot: BooksSnapshot | null;
  readonly nowAtWallMs: number;
}

/** `ordinis status`: whether it runs, whether it is halted and why, and what is open. */
export async function statusCommand(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string },
): Promise<number> {
  const dataDirectory = existingDataDirectory(shell, flags);
  const run = await aliveRun(shell, dataDirectory);
  const beside = {
    dataDirectory,
    run,
    startingPid: run === null ? await startingProcess(shell, dataDirectory) : null,
    isKillFilePresent: isKillFilePresent(dataDirectory),
  };
  const status: Status = {
    ...beside,
    usualDirectory: defaultDataDirectory(shell),
    snapshot: hasBooks(dataDirectory) ? await snapshotOrNull(shell, flags, beside) : null,
    nowAtWallMs: shell.wallMs(),
  };
  printAnswer(shell, flags, statusAnswer(status));
  return EXIT.fine;
}

type BesideBooks = Pick<Status, 'dataDirectory' | 'run' | 'startingPid' | 'isKillFilePresent'>;

/** Null while the first start makes the books. Where they fail, what stands beside them is told. */
async function snapshotOrNull(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string },
  beside: BesideBooks,
): Promise<BooksSnapshot | null> {
  try {
    return await withBooks(shell, flags, ({ reader }) => readSnapshot(reader));
  } catch (error) {
    if (error instanceof NoAccountYet) return null;
    if (!(error instanceof CommandFailure)) throw error;
    throw new CommandFailure([...error.lines, ...linesBesideBooks(beside)]);
  }
}

function linesBesideBooks(beside: BesideBooks): readonly string[] {
  const { dataDirectory, isKillFilePresent } = beside;
  const file = isKillFilePresent ? 'is there: nothing is sent' : 'is not there';
  return [`running: ${runningText(beside)}`, `the file ${killFilePath(dataDirectory)} ${file}`];
}

export function statusAnswer(status: Status): Answer {
  return { lines: statusLines(status), json: statusJson(status) };
}

function statusLines(status: Status): readonly string[] {
  const { run, snapshot } = status;
  const links = run === null ? null : linksOf(run);
  return [
    ...renderPairs([
      ['running', runningText(status)],
      ...(snapshot === null ? [] : bookPairs(snapshot, run)),
      ['halt', haltText(status)],
    ]),
    ...(snapshot === null ? ['', 'no books yet'] : bookLines(snapshot, status.nowAtWallMs)),
    ...(links === null ? [] : ['', ...renderPairs([['Web UI', links.ui], ...linkPairs(links)])]),
    ...(run === null ? [] : ['', `halt it: ${temporalHaltCommand(run, status)}`]),
  ];
}

function runningText({ run, startingPid }: Pick<Status, 'run' | 'startingPid'>): string {
  if (run !== null) return `yes, process ${run.pid}: ${run.description}`;
  return startingPid === null ? 'no' : `starting, process ${startingPid}`;
}

function bookPairs(
  snapshot: BooksSnapshot,
  run: RunRecord | null,
): readonly (readonly [string, string])[] {
  const { account, system, positions, lastReconciliation } = snapshot;
  const state = system === null ? NONE : `${system.state.replaceAll('_', ' ')}: ${system.message}`;
  return [
    ['account', `${account.account} (${account.mode})`],
    [run?.account === account.account ? 'state' : 'last state', state],
    ['equity', money(equityOf(snapshot))],
    ['cash', money(account.cash)],
    ['realised', money(account.realizedPnl)],
    ['unrealised', money(totalUnrealized(positions))],
    ['fees', money(account.fees)],
    ['reconciliation', reconciliationText(lastReconciliation)],
  ];
}

function reconciliationText(run: BooksSnapshot['lastReconciliation']): string {
  return run === null ? 'none yet' : `${run.outcome} (${run.trigger}): ${run.message}`;
}

function bookLines(
  { haltCauses, positions, openOrders, openTurns }: BooksSnapshot,
  nowAtWallMs: number,
): readonly string[] {
  const causes = haltCauses.map(
    (cause) =>
      `- ${cause.reason} (${cause.mode}) by ${cause.triggeredBy}: ${cause.message} ` +
      `(cancel: ${cancelStandingOf(cause)})`,
  );
  return [
    ...causes,
    '',
    ...positionTable(positions),
    '',
    ...orderTable(openOrders, 'no open orders'),
    ...(openTurns.length === 0 ? [] : ['', ...turnTable(openTurns, nowAtWallMs)]),
  ];
}

function haltText({ snapshot, isKillFilePresent, dataDirectory }: Status): string {
  const mode = snapshot?.account.haltMode ?? 'none';
  const version = snapshot?.account.haltVersion ?? 0;
  const file = isKillFilePresent ? `; the file ${killFilePath(dataDirectory)} is there` : '';
  const effective = mode === 'none' && isKillFilePresent ? 'halted by the file' : mode;
  return `${effective} (halt version ${version})${file}`;
}

function statusJson(status: Status) {
  const { run, snapshot } = status;
  return {
    running: run !== null,
    starting: status.startingPid !== null,
    pid: run?.pid ?? status.startingPid,
    description: run?.description ?? null,
    dataDirectory: status.dataDirectory,
    account: snapshot?.account.account ?? null,
    mode: snapshot?.account.mode ?? null,
    state: snapshot?.system?.state ?? null,
    stateMessage: snapshot?.system?.message ?? null,
    bootEpoch: snapshot?.system?.bootEpoch ?? null,
    halt: haltJson(status),
    ...(snapshot === null ? {} : moneyJson(snapshot)),
    links: run === null ? null : linksOf(run),
    haltCommand: run === null ? null : temporalHaltCommand(run, status),
  };
}

function haltJson({ snapshot, isKillFilePresent }: Status) {
  return {
    mode: snapshot?.account.haltMode ?? 'none',
    haltVersion: snapshot?.account.haltVersion ?? 0,
    isKillFilePresent,
    causes: (snapshot?.haltCauses ?? []).map((cause) => ({
      causeId: cause.causeId,
      reason: cause.reason,
      mode: cause.mode,
      message: cause.message,
      triggeredBy: cause.triggeredBy,
      engagedAt: instantJson(cause.engagedAtWallMs),
      completedAt: instantJson(cause.completedAtWallMs),
    })),
  };
}

function moneyJson(snapshot: BooksSnapshot) {
  const { account, positions, openOrders, openTurns, lastReconciliation } = snapshot;
  const equity = equityOf(snapshot);
  const unrealized = totalUnrealized(positions);
  return {
    equityUsd: equity === null ? null : formatUsd(equity),
    cashUsd: formatUsd(account.cash),
    realizedPnlUsd: formatUsd(account.realizedPnl),
    unrealizedPnlUsd: unrealized === null ? null : formatUsd(unrealized),
    feesUsd: formatUsd(account.fees),
    positions: positions.map(positionJson),
    openOrders: openOrders.map(orderJson),
    openTurns: openTurns.map(turnJson),
    lastReconciliation:
      lastReconciliation === null
        ? null
        : {
            runId: lastReconciliation.runId,
            trigger: lastReconciliation.trigger,
            outcome: lastReconciliation.outcome,
            message: lastReconciliation.message,
            finishedAt: instantJson(lastReconciliation.finishedAtWallMs),
          },
  };
}
