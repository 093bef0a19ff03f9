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

/** The row of an execution that the evidence tells, or of an inferred one. */
export function fillRowOf(
  world: World,
  step: Step & { readonly execution: Execution },
  recorded: readonly FillRow[],
): FillRow {
  const { evidence, execution } = step;
  const units = quantity(execution.cumulativeAfter - execution.cumulativeBefore);
  const interval = { ...execution, notional: notionalRounded(execution.price, units) };
  const told: Told = {
    kind: evidence.event === 'inferred' ? 'inferred' : 'execution',
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
export function plannedRow(
  world: World,
  step: Step & { readonly execution: Execution | null },
  {
    fill,
    recorded,
  }: { readonly fill: PlannedFill<FillRow>; readonly recorded: readonly FillRow[] },
): FillRow {
  return rowOf(world, step, { interval: fill, told: toldOf(step, fill), recorded });
}

function toldOf(
  { evidence, execution }: Step & { readonly execution: Execution | null },
  { origin, replaces }: PlannedFill<FillRow>,
): Told {
  const { source } = evidence;
  const replacesFillId = replaces.fillId;
  if (origin === 'moved') return { ...replaces, kind: 'execution', replacesFillId };
  const ids =
    origin === 'evidence' && execution !== null
      ? {
          executionId: execution.executionId,
          activityId: execution.activityId,
          eventId: source === 'stream' ? evidence.eventId : null,
          atMs: execution.atMs,
        }
      : { executionId: null, activityId: null, eventId: null, atMs: replaces.atMs };
  return { ...ids, kind: origin === 'evidence' ? 'execution' : 'inferred', source, replacesFillId };
}

/** The row that takes a fill back: the same money the other way. Its id follows from the fill's. */
export function reversalRow(
  world: World,
  { evidence }: Step,
  { fill, atMs }: { readonly fill: FillRow; readonly atMs: EpochMs },
): FillRow {
  return {
    ...fill,
    fillId: `${fill.fillId}/reversal`,
    kind: 'reversal',
    reversesFillId: fill.fillId,
    replacesFillId: null,
    eventId: evidence.source === 'stream' ? evidence.eventId : null,
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
