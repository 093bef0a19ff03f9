import { Client, type ConnectionLike } from '@temporalio/client';
import type { RPCImpl } from 'protobufjs';
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

/** What all clients share: a service is dear to make, and knows its way to the server by name. */
const SERVICE = WorkflowService.create((method) => {
  throw new Error(`expected a client's own way for ${method.name}`);
});
// An error event that nobody listens to would be thrown where the answer arrives.
SERVICE.on('error', () => undefined);

const OPERATOR_SERVICE = OperatorService.create((method, _request, answer) =>
  answer(new ServiceError(UNAVAILABLE, `the simulator has no ${method.name}`)),
);

/** Temporal's own client, on a connection that ends in the simulator. */
export function openSimulatedClient(way: Way): Client {
  const rpcImpl: RPCImpl = (method, request, answer) =>
    travel(way, { method: method.name, request, answer });
  const workflowService: WorkflowService = Object.create(SERVICE, { rpcImpl: { value: rpcImpl } });
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
