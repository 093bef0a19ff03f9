import { setTimeout as pause } from 'node:timers/promises';
import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import proto from '@temporalio/proto';

const { IndexedValueType } = proto.temporal.api.enums.v1;

const SEARCH_ATTRIBUTE_TYPES = {
  TEXT: IndexedValueType.INDEXED_VALUE_TYPE_TEXT,
  KEYWORD: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  KEYWORD_LIST: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST,
  INT: IndexedValueType.INDEXED_VALUE_TYPE_INT,
  DOUBLE: IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE,
  BOOL: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  DATETIME: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
} as const;

/** Names and types of the columns that workflows can be found by in the Web UI. */
export type SearchAttributes = Readonly<Record<string, keyof typeof SEARCH_ATTRIBUTE_TYPES>>;

export interface NamespaceWish {
  readonly namespace: string;
  /** How long closed workflows stay readable. */
  readonly retentionDays: number;
  readonly searchAttributes: SearchAttributes;
}

const GRPC_INVALID_ARGUMENT = 3;
const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;
const MS_PER_DAY = 86_400_000;
const VISIBLE_TIMEOUT_MS = 30_000;
const LOOK_AGAIN_MS = 100;

/**
 * Gives the namespace its retention and its search attributes, making it where it is missing. May
 * run at every start: what is already so stays so. Resolves when a workflow can use them.
 */
export async function prepareNamespace(connection: Connection, wish: NamespaceWish): Promise<void> {
  await registerNamespace(connection, wish);
  await setRetention(connection, wish);
  await addSearchAttributes(connection, wish);
  await untilSearchable(connection, wish);
}

async function registerNamespace(connection: Connection, wish: NamespaceWish): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace: wish.namespace });
  } catch (error) {
    if (!hasCode(error, GRPC_NOT_FOUND)) {
      throw error;
    }
    await tolerate(GRPC_ALREADY_EXISTS, () =>
      connection.workflowService.registerNamespace({
        namespace: wish.namespace,
        workflowExecutionRetentionPeriod: msToTs(wish.retentionDays * MS_PER_DAY),
      }),
    );
  }
}

async function setRetention(connection: Connection, wish: NamespaceWish): Promise<void> {
  const { config } = await connection.workflowService.describeNamespace({
    namespace: wish.namespace,
  });
  const wanted = msToTs(wish.retentionDays * MS_PER_DAY);
  if (Number(config?.workflowExecutionRetentionTtl?.seconds) === Number(wanted.seconds)) {
    return;
  }
  await connection.workflowService.updateNamespace({
    namespace: wish.namespace,
    config: { workflowExecutionRetentionTtl: wanted },
  });
}

async function addSearchAttributes(connection: Connection, wish: NamespaceWish): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({
    namespace: wish.namespace,
  });
  const missing = Object.entries(wish.searchAttributes).filter(([name, type]) => {
    const found = customAttributes[name];
    if (found !== undefined && found !== SEARCH_ATTRIBUTE_TYPES[type]) {
      throw new Error(
        `expected search attribute ${name} of namespace ${wish.namespace} to be ${type}, found ` +
          `type ${found}; use another namespace, or remove the attribute from that server`,
      );
    }
    return found === undefined;
  });
  if (missing.length > 0) {
    await tolerate(GRPC_ALREADY_EXISTS, () =>
      connection.operatorService.addSearchAttributes({
        namespace: wish.namespace,
        searchAttributes: Object.fromEntries(
          missing.map(([name, type]) => [name, SEARCH_ATTRIBUTE_TYPES[type]]),
        ),
      }),
    );
  }
}

/** A server lists an attribute some seconds before it accepts it: ask until a query may name it. */
async function untilSearchable(connection: Connection, wish: NamespaceWish): Promise<void> {
  const query = Object.keys(wish.searchAttributes)
    .map((name) => `${name} IS NULL`)
    .join(' AND ');
  const deadlineMs = performance.now() + VISIBLE_TIMEOUT_MS;
  while (!(await accepts(connection, wish.namespace, query))) {
    if (performance.now() > deadlineMs) {
      const names = Object.keys(wish.searchAttributes).join(', ');
      throw new Error(
        `expected namespace ${wish.namespace} to know ${names}` +
          ` within ${VISIBLE_TIMEOUT_MS / 1000} s, found it does not; restart the Temporal server`,
      );
    }
    await pause(LOOK_AGAIN_MS);
  }
}

async function accepts(connection: Connection, namespace: string, query: string): Promise<boolean> {
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch (error) {
    if (hasCode(error, GRPC_INVALID_ARGUMENT) || hasCode(error, GRPC_NOT_FOUND)) {
      return false;
    }
    throw error;
  }
}

async function tolerate(code: number, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!hasCode(error, code)) {
      throw error;
    }
  }
}

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && Number(error.code) === code;
}
