import type { TurnRow } from '../adapters/store/port.js';
import type { EpochMs } from '../domain/values/index.js';
import { bareSinceOf, isTurnOver, turnReasonOf, turnSentence } from '../workers/reference.js';
import { printAnswer } from './answer.js';
import { withBooks } from './data-folder.js';
import { EXIT } from './failure.js';
import type { CommonFlags, Shell } from './shell.js';
import { type Column, renderTable } from './table.js';
import { durationText, instantJson, newYorkText, NONE } from './words.js';

const COLUMNS: readonly Column[] = [
  { title: 'decided (New York)' },
  { title: 'turn id' },
  { title: 'what' },
  { title: 'state' },
  { title: 'without protection' },
  { title: 'because' },
];

/** `ordinis turns`: the newest plans that took, or take, a position through zero. */
export async function turnsCommand(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string; readonly limit: number },
): Promise<number> {
  return withBooks(shell, flags, async ({ reader }) => {
    const rows = await reader.turns.recent(flags.limit);
    const lines = turnTable(rows, shell.wallMs());
    printAnswer(shell, flags, { lines, json: rows.map(turnJson) });
    return EXIT.fine;
  });
}

/** Turns as a table for people; how long a position has been bare, in wall time. */
export function turnTable(rows: readonly TurnRow[], nowAtWallMs: number): readonly string[] {
  const cells = rows.map(({ turn }) => {
    const bareSince = bareSinceOf(turn);
    const reason = turnReasonOf(turn);
    return [
      newYorkText(turn.plan.entry.decidedAtMs),
      turn.plan.turnId,
      turnSentence(turn),
      turn.progress.state,
      bareSince === null ? NONE : bareText(bareSince, nowAtWallMs),
      reason === null ? NONE : `${reason.code}: ${reason.message}`,
    ];
  });
  return renderTable(COLUMNS, cells, 'no turns yet');
}

function bareText(bareSince: EpochMs, nowAtWallMs: number): string {
  return `for ${durationText(Math.max(0, nowAtWallMs - bareSince))}`;
}

/** A turn for programs: instants in UTC, its states in order. */
export function turnJson({ turn }: TurnRow) {
  const { plan, progress } = turn;
  return {
    turnId: plan.turnId,
    symbol: plan.entry.symbol,
    strategy: plan.entry.strategy,
    fromSide: plan.fromSide,
    entryClientOrderId: plan.entry.clientOrderId,
    state: progress.state,
    isOver: isTurnOver(turn),
    bareSince: instantJson(bareSinceOf(turn)),
    reason: turnReasonOf(turn),
    history: turn.history.map(({ state, atMs }) => ({ state, at: instantJson(atMs) })),
  };
}
