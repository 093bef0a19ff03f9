import type { AlertRow, BooksReader, OrderRow, TurnRow } from '../../adapters/store/port.js';
import { stateOf, turnSentence } from '../../workers/reference.js';
import { printAnswer } from '../answer.js';
import { withBooks } from '../data-folder.js';
import { CommandFailure, EXIT } from '../failure.js';
import type { CommonFlags, Shell } from '../shell.js';
import { renderPairs } from '../table.js';
import { averageText, instantJson, newYorkText, NONE, quantityText } from '../words.js';
import { turnJson } from '../turns-command.js';
import { orderDetail, orderJson, orderSentence } from './order-lines.js';
import { type OrderRecords, orderStory, storyLines } from './order-story.js';

/** As many alerts as the books keep at least. */
const ALERTS_SEARCHED = 1_000;

/** `ordinis order show`: one order and its whole story, from the books alone. */
export async function orderShowCommand(
  shell: Shell,
  flags: CommonFlags & { readonly account?: string },
  id: string,
): Promise<number> {
  return withBooks(shell, flags, async ({ reader, account }) => {
    const row =
      (await reader.orders.byClientOrderId(id)) ?? (await reader.orders.byBrokerOrderId(id));
    if (row === null) {
      const denials = (await reader.alerts.recent(ALERTS_SEARCHED)).filter((alert) =>
        alert.alertId.startsWith(`wish-denied/${id}/`),
      );
      if (denials.length > 0) return showDenials(shell, flags, { id, denials });
      throw new CommandFailure([
        `expected an order ${id} of account ${account.account}, found none; ` +
          'see "npx ordinis orders", or name another account with --account',
      ]);
    }
    const records = await recordsOf(reader, row);
    const kin = await kinOf(reader, row);
    const { turn } = records;
    const story = orderStory(records);
    printAnswer(shell, flags, {
      lines: [...headLines(row, { turn, kin }), '', ...storyLines(story)],
      json: {
        ...orderJson(row),
        legs: kin.legs.map(idOf),
        replacedBy: kin.replacedBy === null ? null : idOf(kin.replacedBy),
        turn: turn === null ? null : turnJson(turn),
        story: story.map(({ atMs, kind, json }) => ({ at: instantJson(atMs), kind, ...json })),
      },
    });
    return EXIT.fine;
  });
}

/** Wishes under an id that no order stands for: why they were denied is all that is known. */
function showDenials(
  shell: Shell,
  flags: CommonFlags,
  { id, denials }: { readonly id: string; readonly denials: readonly AlertRow[] },
): number {
  const told = denials.toReversed();
  printAnswer(shell, flags, {
    lines: told.map(({ atMs, message }) => `${newYorkText(atMs)}  denied  ${message}`),
    json: {
      clientOrderId: id,
      state: 'denied',
      denials: told.map(({ atMs, message }) => ({ at: instantJson(atMs), message })),
    },
  });
  return EXIT.fine;
}

/** Orders that came of this one, each with a story of its own. */
interface Kin {
  readonly legs: readonly OrderRow[];
  readonly replacedBy: OrderRow | null;
}

async function kinOf(reader: BooksReader, row: OrderRow): Promise<Kin> {
  const id = idOf(row);
  const [legs, later] = await Promise.all([
    reader.orders.legsOf(id),
    reader.orders.decidedSince(row.order.intent.decidedAtMs),
  ]);
  return { legs, replacedBy: later.find(({ replaces }) => replaces === id) ?? null };
}

function idOf({ order }: OrderRow): string {
  return order.intent.clientOrderId;
}

async function recordsOf(reader: BooksReader, row: OrderRow): Promise<OrderRecords> {
  const { correlationId } = row;
  const { clientOrderId, decidedAtMs } = row.order.intent;
  const [turn, signals, decisions, events, fills, frames, alerts] = await Promise.all([
    reader.turns.byId(correlationId),
    reader.signals.since(decidedAtMs),
    reader.riskDecisions.byOrder(clientOrderId),
    reader.orders.eventsOf(clientOrderId),
    reader.fills.byOrder(clientOrderId),
    reader.brokerEvents.byOrder(clientOrderId),
    reader.alerts.recent(ALERTS_SEARCHED),
  ]);
  return {
    row,
    turn,
    decisions,
    events,
    fills,
    frames,
    signals: signals.filter((signal) =>
      [clientOrderId, correlationId].includes(signal.clientOrderId ?? ''),
    ),
    alerts: alerts.filter((alert) => isAbout(alert, clientOrderId)).toReversed(),
  };
}

/** The id as a whole word: one id may be the beginning of another. */
function isAbout(
  alert: { readonly alertId: string; readonly metadata: string },
  clientOrderId: string,
): boolean {
  return (
    alert.metadata.includes(JSON.stringify(clientOrderId)) ||
    alert.alertId.split('/').includes(clientOrderId)
  );
}

function headLines(
  row: OrderRow,
  { turn, kin }: { readonly turn: TurnRow | null; readonly kin: Kin },
): readonly string[] {
  const { order } = row;
  const { replacedBy } = kin;
  return renderPairs([
    ['order', order.intent.clientOrderId],
    ['wish', orderSentence(order)],
    ...(row.parent === null ? [] : [['leg of', row.parent] as const]),
    ...(row.replaces === null ? [] : [['in place of', row.replaces] as const]),
    ...(replacedBy === null ? [] : [['replaced by', idOf(replacedBy)] as const]),
    ...kin.legs.map((leg) => ['has leg', legText(leg)] as const),
    ['strategy', `${order.intent.strategy}, leg ${order.intent.leg}`],
    ['state', stateOf(order)],
    ['because', orderDetail(order) ?? NONE],
    ['filled', `${quantityText(order.filledQuantity)} of ${quantityText(order.orderedQuantity)}`],
    ['average', averageText(order.filledNotional, order.filledQuantity)],
    ...turnPairs(turn),
    ['last error', row.lastError ?? NONE],
  ]);
}

function legText(leg: OrderRow): string {
  return `${idOf(leg)}: ${orderSentence(leg.order)}, ${stateOf(leg.order)}`;
}

/** The turn that the order belongs to, where there is one. */
function turnPairs(row: TurnRow | null): readonly (readonly [string, string])[] {
  if (row === null) return [];
  const { turn } = row;
  return [['turn', `${turn.plan.turnId}: ${turnSentence(turn)}, ${turn.progress.state}`]];
}
