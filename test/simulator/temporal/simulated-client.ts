import { Client, type ConnectionLike } from '@temporalio/client';
import { OperatorService, WorkflowService } from '@temporalio/client/lib/types.js';
import { NAMESPACE } from '../../../workflows/contract/index.js';
import type { Owner } from '../time/event-heap.js';
import type { VirtualTime } from '../time/virtual-time.js';
import type { ServerWeather } from './server-weather.js';
import {
  SERVED_METHODS,
  type ServedMethod,
  ServiceError,
  TemporalService,
  UNAVAILABLE,
  UNIMPLEMENTED,
} from './temporal-service.js';

interface Way {
  readonly time: VirtualTime;
  readonly weather: ServerWeather;
  readonly service: TemporalService;
  /** The process that calls: what it asks for still happens when it dies. */
  readonly owner: Owner;
}

/** What all clients share: a service is dear to make, and refuses what the simulator has not. */
const SERVICE = WorkflowService.create((method) => {
  throw new ServiceError(UNIMPLEMENTED, `the simulator has no ${method.name}`);
});

const OPERATOR_SERVICE = OperatorService.create((method, _request, answer) =>
  answer(new ServiceError(UNAVAILABLE, `the simulator has no ${method.name}`)),
);

/** Temporal's own client, on a connection that ends in the simulator. */
export function openSimulatedClient(way: Way): Client {
  const workflowService: WorkflowService = Object.create(SERVICE, waysTo(way));
  const connection: ConnectionLike = {
    workflowService,
    operatorService: OPERATOR_SERVICE,
    plugins: [],
    close: async () => undefined,
    ensureConnected: async () => undefined,
    withDeadline: (_deadline, call) => call(),
    withMetadata: (_metadata, call) => call(),
    withAbortSignal: (_signal, call) => call(),
  };
  return new Client({ connection, namespace: NAMESPACE, identity: 'ordinis' });
}

/** The methods of the service that have a way to the server, by their names at the client. */
function waysTo(way: Way): PropertyDescriptorMap {
  const ways = SERVED_METHODS.map((method) => {
    const name = `${method.charAt(0).toLowerCase()}${method.slice(1)}`;
    return [name, { value: (request: object) => travel(way, method, request) }] as const;
  });
  return Object.fromEntries(ways);
}

/**
 * A message goes to the server, and its answer comes back, or not. Messages stay objects: nobody
 * changes one that was sent, and what people put into them are bytes already.
 */
function travel(way: Way, method: ServedMethod, request: object): Promise<object> {
  const { time, weather, service, owner } = way;
  if (!owner.isAlive) return new Promise(() => undefined);
  const outcome = weather.callOutcome();
  return new Promise((resolve, reject) => {
    const back = (answer: () => void): void =>
      void time.after(weather.reportMs(), { owner, label: '' }, answer);
    if (outcome === 'refused') {
      time.note(`temporal refuses ${method}`);
      back(() => reject(new ServiceError(UNAVAILABLE, 'the server is away')));
      return;
    }
    const isSignal = TemporalService.isSignal(method);
    const delayMs = weather.reportMs() + (isSignal ? weather.delaysSignalMs() : 0);
    time.after(delayMs, { owner: null, label: `temporal ${method}` }, () => {
      try {
        const response = service.call(method, request);
        if (isSignal && weather.repeatsSignal()) service.call(method, request);
        if (outcome === 'done') back(() => resolve(response));
        else back(() => reject(new ServiceError(UNAVAILABLE, 'the answer was lost')));
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        back(() => reject(error));
      }
    });
  });
}
