import {
  brokerStatuses,
  ORDER_STATES,
  type OrderState,
  TRANSITION_EVENTS,
  TRANSITIONS,
  type Transition,
} from '../../domain/order/index.js';
import { code, page, table } from './markdown.js';
import { STATE_GROUPS, stateDiagram } from './state-diagram.js';

/** The page about the states of an order: groups, diagram, every pair, broker words. */
export function orderStatesPage(): string {
  return page('`domain/order`', [
    '# The states of an order',
    ...INTRODUCTION,
    '',
    ...table(['group', 'states', 'means'], groupRows()),
    '',
    '## The life of an order',
    '',
    ...DIAGRAM_NOTE,
    '',
    ...stateDiagram(),
    '',
    '## Every event in every state',
    '',
    ...TABLE_NOTE,
    ...ORDER_STATES.flatMap(stateSection),
    '',
    "## The broker's words",
    '',
    ...STATUS_NOTE,
    '',
    ...table(
      ['status', 'event'],
      brokerStatuses().map(([status, event]) => [code(status), code(event)]),
    ),
  ]);
}

const INTRODUCTION = [
  'An order is always in one of these states, and one function, `applyOrderEvent`, decides what an',
  'event does to it. Three words that sound alike are not: *denied* is our own no, before anything',
  'was sent; *refused* is the proven no of the broker; *unknown* means that a request may have',
  'arrived and nobody can prove the outcome. An unknown order ends on evidence from the broker,',
  'never by a timer alone, and counts as filled in the worst case until then.',
];

const DIAGRAM_NOTE = [
  'An arrow from a group holds for each of its states. Not drawn: what the broker reports about an',
  'order that it should not hold (after a restored backup, say). Its evidence wins even then; the',
  'table below has those rows.',
];

const TABLE_NOTE = [
  '*moves* names where the event leads. *repeated* is evidence that the books hold already:',
  'nothing is written. *impossible* from the broker parks the order and its symbol, stores what',
  'came and calls a person; from our own code it is a broken invariant and stops at once.',
];

const STATUS_NOTE = [
  'Fills are told by their cumulative quantity, never by a status word, so `filled` alone only',
  'says that the broker holds the order. A word that is not in this table parks the order at its',
  'worst case and alerts; nothing else stops.',
];

function groupRows(): readonly (readonly string[])[] {
  return STATE_GROUPS.map(({ name, states, means }) => [
    name.replace('_', ' '),
    states.map(code).join(', '),
    means,
  ]);
}

function stateSection(state: OrderState): readonly string[] {
  const rows = new Map<string, string[]>();
  for (const event of TRANSITION_EVENTS) {
    const outcome = JSON.stringify(outcomeCells(TRANSITIONS[state][event]));
    rows.set(outcome, [...(rows.get(outcome) ?? []), event]);
  }
  const cells = [...rows].map(([outcome, events]) => [
    events.map(code).join(', '),
    ...(JSON.parse(outcome) as string[]),
  ]);
  return ['', `### ${code(state)}`, '', ...table(['event', 'what happens', 'why'], cells)];
}

function outcomeCells(transition: Transition): readonly [string, string] {
  if (transition.outcome !== 'moved') return [transition.outcome, transition.why];
  return [`moves to ${transition.to.map(code).join(' or ')}`, transition.why ?? ''];
}
