import type { FillRow } from '../../adapters/store/port.js';
import type { PlannedFill } from '../../domain/order/index.js';
import { type EpochMs, notionalRounded, quantity, ZERO_USD } from '../../domain/values/index.js';
import type { World } from '../world.js';
import type { Execution } from './evidence.js';
import type { Step } from './order-draft.js';

/** What a fill's row says of itself, beside whose order it is. */
type Told = Pick<
  FillRow,
  'kind' | 'executionId' | 'activityId' | 'eventId' | 'source' | 'replacesFillId' | 'atMs'
>;
type Interval = Pick<FillRow, 'cumulativeBefore' | 'cumulativeAfter' | 'price' | 'notional'>;

/** The row of an execution that the evidence tells. */
export function fillRowOf(
  world: World,
  step: Step & { readonly execution: Execution },
  recorded: readonly FillRow[],
): FillRow {
  const { evidence, execution } = step;
  const units = quantity(execution.cumulativeAfter - execution.cumulativeBefore);
  const interval = { ...execution, notional: notionalRounded(execution.price, units) };
  const told: Told = {
    kind: 'execution',
    executionId: execution.executionId,
    activityId: execution.activityId,
    eventId: evidence.source === 'stream' ? evidence.eventId : null,
    source: evidence.source,
    replacesFillId: null,
    atMs: execution.atMs,
  };
  return rowOf(world, step, { interval, told, recorded });
}

/** The row of a fill that takes the place of a reversed one. */
export function plannedRow(world: World, step: Step, planned: Planned): FillRow {
  const told = toldOf(step, planned);
  return rowOf(world, step, { interval: planned.fill, told, recorded: planned.recorded });
}

interface Planned {
  readonly fill: PlannedFill<FillRow>;
  /** What stands in place of what is reversed, where the evidence names it. */
  readonly execution: Execution | null;
  readonly recorded: readonly FillRow[];
  /** Whose place a trade takes that the books have never held. */
  readonly place: FillRow | null;
  readonly atMs: EpochMs;
}

function toldOf({ evidence }: Step, { fill, execution, recorded, place, atMs }: Planned): Told {
  const { source } = evidence;
  const { origin, like } = fill;
  const isRecorded = recorded.some(({ fillId }) => fillId === like?.fillId);
  const replacesFillId = (isRecorded ? like : place)?.fillId ?? null;
  if (origin === 'moved' && like !== null) return { ...like, kind: 'execution', replacesFillId };
  const ids =
    origin === 'evidence' && execution !== null
      ? {
          executionId: execution.executionId,
          activityId: execution.activityId,
          eventId: source === 'stream' ? evidence.eventId : null,
          atMs: execution.atMs,
        }
      : { executionId: null, activityId: null, eventId: null, atMs: like?.atMs ?? atMs };
  return { ...ids, kind: origin === 'evidence' ? 'execution' : 'inferred', source, replacesFillId };
}

/**
 * The row that takes a fill back: the same money the other way. Its id follows from the fill's. It
 * names the frame that took the trade back; where something else only leads to it, the trade may
 * stand after all.
 */
export function reversalRow(
  world: World,
  { evidence }: Step,
  {
    fill,
    isTold,
    atMs,
  }: { readonly fill: FillRow; readonly isTold: boolean; readonly atMs: EpochMs },
): FillRow {
  return {
    ...fill,
    fillId: `${fill.fillId}/reversal`,
    kind: 'reversal',
    reversesFillId: fill.fillId,
    replacesFillId: null,
    // Not every frame has an id of its own; the inbox knows each by one.
    eventId: isTold ? evidence.inboxId : null,
    source: evidence.source,
    atMs,
    recordedAtWallMs: world.wallClock.nowMs(),
  };
}

function rowOf(
  world: World,
  { row, evidence }: Step,
  made: {
    readonly interval: Interval;
    readonly told: Told;
    readonly recorded: readonly FillRow[];
  },
): FillRow {
  const { intent } = row.order;
  const { cumulativeBefore, cumulativeAfter, price, notional } = made.interval;
  const { kind, executionId, activityId, eventId, source, replacesFillId, atMs } = made.told;
  const name = `${evidence.brokerOrderId}/${cumulativeBefore}-${cumulativeAfter}`;
  return {
    fillId: unusedId(kind === 'inferred' ? `${name}/inferred` : name, made.recorded),
    clientOrderId: evidence.clientOrderId,
    brokerOrderId: evidence.brokerOrderId,
    strategy: intent.strategy,
    symbol: intent.symbol,
    side: intent.side,
    cumulativeBefore,
    cumulativeAfter,
    price,
    notional,
    fee: ZERO_USD,
    kind,
    reversesFillId: null,
    replacesFillId,
    executionId,
    activityId,
    eventId,
    source,
    atMs,
    recordedAtWallMs: world.wallClock.nowMs(),
  };
}

/** An interval that was taken back can be filled again: the second time under a number. */
function unusedId(name: string, recorded: readonly FillRow[]): string {
  const used = new Set(recorded.map((fill) => fill.fillId));
  let number = 1;
  while (used.has(number === 1 ? name : `${name}/${number}`)) number += 1;
  return number === 1 ? name : `${name}/${number}`;
}
