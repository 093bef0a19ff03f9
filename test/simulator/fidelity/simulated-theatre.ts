import '../temporal/workflow-globals.js';
import { servedQueues } from '../../../workers/served-queues.js';
import type { TestWorld } from '../../support/test-world.js';
import { isExpectedMistake } from '../process/expected-mistakes.js';
import { toPayload } from '../temporal/payloads.js';
import type { ServerWeather } from '../temporal/server-weather.js';
import { TaskWorker } from '../temporal/task-worker.js';
import { TemporalServer } from '../temporal/temporal-server.js';
import { Chance } from '../time/chance.js';
import { Trace } from '../time/trace.js';
import { VirtualTime } from '../time/virtual-time.js';
import { installVirtualTimers } from '../time/virtual-timers.js';
import { decisionsOfRun } from './decisions.js';
import type { Theatre } from './theatre.js';

const SLICE_MS = 5;
const LASTS_MS_MAX = 120_000;

const FAIR: ServerWeather = {
  historyEventsMax: 4_096,
  dispatchMs: () => 1,
  reportMs: () => 1,
  losesActivityResult: () => false,
  losesTaskAnswer: () => false,
  evictsWorkflow: () => false,
  delaysSignalMs: () => 0,
  repeatsSignal: () => false,
  callOutcome: () => 'done',
};

/** The simulated runtime, on which everything works, but for what `weather` says otherwise. */
export function openSimulatedTheatre(
  test: TestWorld,
  weather: Partial<ServerWeather> = {},
): Theatre & { close(): void } {
  const time = new VirtualTime(new Chance('fidelity'), new Trace());
  const close = installVirtualTimers(time);
  const server = new TemporalServer({
    time,
    weather: { ...FAIR, ...weather },
    wallMs: () => Math.floor(time.nowMs),
    noteMistake: (where, error) => {
      if (isExpectedMistake(error)) return; // The world failed: the attempt is repeated.
      throw new Error(`${where}: ${String(error)}`);
    },
  });
  const queues = Object.values(servedQueues(test.world));
  const owner = { name: 'worker', isAlive: true };
  server.attach(
    new TaskWorker(
      owner,
      queues.map((queue) => ({ ...queue, runsWorkflows: true })),
    ),
  );
  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    while (!(await isSo())) {
      if (time.nowMs > LASTS_MS_MAX) throw new Error('expected the script to come to its end');
      await time.runUntil(() => false, time.nowMs + SLICE_MS);
    }
  };
  return {
    test,
    close,
    until,
    start: async ({ workflowType, workflowId, taskQueue, input }) => {
      const payloads = [toPayload(input)];
      const policies = { conflict: 'fail', reuse: 'allow', executionTimeoutMs: null } as const;
      server.start({ workflowType, workflowId, taskQueue, payloads, ...policies });
    },
    signal: async (workflowId, name, argument) => {
      server.signal(workflowId, name, [toPayload(argument)]);
    },
    update: async (workflowId, name, argument) => {
      let answer: unknown;
      const asked = server.update(workflowId, name, [toPayload(argument)]);
      void asked.then((outcome) => {
        answer = outcome.ok ? outcome.value : outcome.message;
      });
      await until(async () => answer !== undefined);
      return answer;
    },
    decisionsOf: async (workflowId) => {
      const run = server.latest(workflowId);
      return run === null ? [] : decisionsOfRun(run);
    },
  };
}
