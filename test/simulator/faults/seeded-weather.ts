import type { ServerWeather } from '../temporal/server-weather.js';
import type { Chance } from '../time/chance.js';
import type { FaultPlan } from './fault-plan.js';

const HISTORY_EVENTS_MAX = 4_096;
const SHORT_HISTORY_EVENTS = [20, 120] as const;

/** How the server behaves in one run: small delays always, and what the plan puts beside them. */
export function seededWeather(chance: Chance, faults: FaultPlan): ServerWeather {
  const isShort = faults.isActive('short_history');
  const shortEvents = chance.whole(...SHORT_HISTORY_EVENTS);
  if (isShort) faults.count('short_history');
  return {
    get historyEventsMax() {
      if (!isShort || !faults.isOn) return HISTORY_EVENTS_MAX;
      faults.meet('short_history');
      return shortEvents;
    },
    dispatchMs: () => chance.between(0.5, 6),
    reportMs: () => chance.between(0.3, 5),
    losesActivityResult: () => faults.hits('activity_result_lost', { weight: 0.7 }),
    losesTaskAnswer: () => faults.hits('task_answer_lost', { weight: 0.3 }),
    evictsWorkflow: () => faults.hits('workflow_evicted', { weight: 1.5 }),
    delaysSignalMs: () => (faults.hits('signal_delayed') ? chance.between(10, 8_000) : 0),
    repeatsSignal: () => faults.hits('signal_repeated'),
    callOutcome: () => {
      if (faults.hits('temporal_refuses', { weight: 0.7 })) return 'refused';
      return faults.hits('temporal_answer_lost', { weight: 0.7 }) ? 'done_then_lost' : 'done';
    },
  };
}
