import {
  allTransitions,
  CLOSED_STATES,
  IN_FLIGHT_STATES,
  type OrderState,
  type TransitionEvent,
  WORKING_STATES,
} from '../../domain/order/index.js';

export interface StateGroup {
  readonly name: string;
  readonly means: string;
  readonly states: readonly OrderState[];
}

export const STATE_GROUPS: readonly StateGroup[] = [
  {
    name: 'planned',
    means: 'in the books, its exposure reserved; nothing was sent',
    states: ['created'],
  },
  {
    name: 'in_flight',
    means: 'sent, or perhaps sent, and nobody has answered yet',
    states: IN_FLIGHT_STATES,
  },
  { name: 'working', means: 'at the broker, and able to fill', states: WORKING_STATES },
  { name: 'closed', means: 'at its end, as far as anybody has proven', states: CLOSED_STATES },
];

const OUR_EVENTS: readonly TransitionEvent[] = [
  'send_began',
  'not_sent',
  'answer_unknown',
  'replace_began',
  'replace_undone',
  'denied',
  'refused',
  'abandoned',
];

/** States in which the broker should hold nothing: what it reports then contradicts the books. */
const NOT_AT_BROKER: readonly OrderState[] = ['created', 'refused', 'denied', 'abandoned'];

interface Edge {
  readonly from: string;
  readonly to: OrderState;
  readonly event: TransitionEvent;
}

/**
 * The moves of the table as a Mermaid state diagram. A move that every state of a group shares is
 * drawn once, from the group; what contradicts the books is left to the table.
 */
export function stateDiagram(): readonly string[] {
  return [
    '```mermaid',
    'stateDiagram-v2',
    '  direction LR',
    '  [*] --> created',
    ...STATE_GROUPS.flatMap(({ name, states }) => [
      `  state ${name} {`,
      ...states.map((state) => `    ${state}`),
      '  }',
    ]),
    ...labelled(sharedByGroup(moves())),
    '```',
  ];
}

function moves(): readonly Edge[] {
  return allTransitions().flatMap(({ state, event, transition }) => {
    const isContradiction = NOT_AT_BROKER.includes(state) && !OUR_EVENTS.includes(event);
    if (transition.outcome !== 'moved' || isContradiction) return [];
    return transition.to.filter((to) => to !== state).map((to) => ({ from: state, to, event }));
  });
}

function sharedByGroup(edges: readonly Edge[]): readonly Edge[] {
  const isDrawn = (edge: Edge): boolean =>
    edges.some(
      ({ from, to, event }) => from === edge.from && to === edge.to && event === edge.event,
    );
  const groupOf = ({ from, to, event }: Edge): string => {
    const group = STATE_GROUPS.find(({ states }) => states.some((state) => state === from));
    if (group === undefined || group.states.length === 1) return from;
    const others = group.states.filter((state) => state !== to);
    if (others.length < 2) return from;
    return others.every((state) => isDrawn({ from: state, to, event })) ? group.name : from;
  };
  return edges.map((edge) => ({ ...edge, from: groupOf(edge) }));
}

/** One line for each pair of ends, with all its events. */
function labelled(edges: readonly Edge[]): readonly string[] {
  const events = new Map<string, Set<string>>();
  for (const { from, to, event } of edges) {
    const ends = `${from} --> ${to}`;
    events.set(ends, (events.get(ends) ?? new Set()).add(event));
  }
  return [...events].map(([ends, names]) => `  ${ends} : ${[...names].join(' / ')}`);
}
