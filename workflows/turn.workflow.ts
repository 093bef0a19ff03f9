import {
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey } from '@temporalio/common';
import type { TurnActivities } from '../activities/turn/turn.activities.js';
import { type TurnInput, type TurnView, turnChanged, turnView } from './contract/turn.js';

// Every step looks at the books before it acts: a repeat finds what the former attempt has done.
const { advanceTurn } = proxyActivities<TurnActivities>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '4s',
  summary: 'next step of the turn',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s' },
});

const STATUS = defineSearchAttributeKey('OrdStatus', 'KEYWORD');
const NEEDS_ATTENTION = defineSearchAttributeKey('OrdNeedsAttention', 'BOOL');

/**
 * The driver of one turn: has its next step taken, waits until an order has ended or some time has
 * passed, and so on to the end. It holds no truth of its own; what comes next is decided from the
 * books, each time anew.
 */
export async function turn(input: TurnInput): Promise<TurnView> {
  let latest: TurnView | null = null;
  let toldCount = 0;
  setHandler(turnChanged, () => {
    toldCount += 1;
  });
  setHandler(turnView, () => latest, { description: 'The turn as its driver knows it.' });
  for (;;) {
    const toldBefore = toldCount;
    const view: TurnView = await advanceTurn(input.turnId);
    if (view.version !== latest?.version || view.summary !== latest.summary) show(view);
    latest = view;
    if (view.isOver) return view;
    await condition(() => toldCount > toldBefore, view.lookAgainMs, {
      summary: 'wait for an order of the turn, then look',
    });
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof turn>(input);
  }
}

function show(view: TurnView): void {
  setCurrentDetails(view.summary);
  upsertSearchAttributes([
    { key: STATUS, value: view.state },
    { key: NEEDS_ATTENTION, value: view.needsAttention },
  ]);
}
