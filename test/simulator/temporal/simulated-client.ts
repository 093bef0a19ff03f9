import { Client, type ConnectionLike } from '@temporalio/client';
import { OperatorService, WorkflowService } from '@temporalio/client/lib/types.js';
import { NAMESPACE } from '../../../workflows/contract/index.js';
import type { Owner } from '../time/event-heap.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { ServerWeather } from './server-weather.js';
import { ServiceError, TemporalService, UNAVAILABLE } from './temporal-service.js';

interface Way {
  readonly time: VirtualTime;
  readonly weather: ServerWeather;
  readonly service: TemporalService;
  /** The process that calls: what it asks for still happens when it dies. */
  readonly owner: Owner;
}

type Answer = (error: Error | null, response?: Uint8Array) => void;

/** Temporal's own client, on a connection that ends in the simulator. */
export function openSimulatedClient(way: Way): Client {
  const workflowService = WorkflowService.create((method, request, answer) =>
    travel(way, { method: method.name, request, answer }),
  );
  const operatorService = OperatorService.create((method, _request, answer) =>
    answer(new ServiceError(UNAVAILABLE, `the simulator has no ${method.name}`)),
  );
  // An error event that nobody listens to would be thrown where the answer arrives.
  workflowService.on('error', () => undefined);
  const connection: ConnectionLike = {
    workflowService,
    operatorService,
    plugins: [],
    close: async () => undefined,
    ensureConnected: async () => undefined,
    withDeadline: (_deadline, call) => call(),
    withMetadata: (_metadata, call) => call(),
    withAbortSignal: (_signal, call) => call(),
  };
  return new Client({ connection, namespace: NAMESPACE, identity: 'ordinis' });
}

function travel(
  { time, weather, service, owner }: Way,
  call: { readonly method: string; readonly request: Uint8Array; readonly answer: Answer },
): void {
  const { method, request, answer } = call;
  if (!owner.isAlive) return;
  const outcome = weather.callOutcome();
  const back = (error: Error | null, response?: Uint8Array): void =>
    void time.after(weather.reportMs(), { owner, label: '' }, () => answer(error, response));
  if (outcome === 'refused') {
    time.note(`temporal refuses ${method}`);
    back(new ServiceError(UNAVAILABLE, 'the server is away'));
    return;
  }
  const isSignal = TemporalService.isSignal(method);
  const delayMs = weather.reportMs() + (isSignal ? weather.delaysSignalMs() : 0);
  time.after(delayMs, { owner: null, label: `temporal ${method}` }, () => {
    try {
      const response = service.call(method, request);
      if (isSignal && weather.repeatsSignal()) service.call(method, request);
      if (outcome === 'done') back(null, response);
      else back(new ServiceError(UNAVAILABLE, 'the answer was lost'));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      back(error);
    }
  });
}
