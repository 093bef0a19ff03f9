/**
 * Who may import whom. A row is the code whose path starts with `from`; the first row that fits
 * counts. Anything a row does not name is forbidden.
 *
 * Targets are path starts inside the repository ("domain/"), package names ("zod", "@prisma/*"),
 * or "node:*". A row's own folder need not be named. Behind `types`, only `import type` is allowed.
 */
export interface BoundaryRule {
  readonly from: string;
  readonly values: readonly string[];
  readonly types: readonly string[];
  readonly why: string;
}

const NOTHING: readonly string[] = [];

/** The port of an adapter: its interface and its errors, without any of its implementations. */
const PORTS = ['broker', 'store', 'market-data', 'safety', 'alerts', 'telemetry'].flatMap(
  (adapter) => [`adapters/${adapter}/port`, `adapters/${adapter}/errors`],
);

/**
 * The values of the domain that workflows may use: names of groups of states, and the reading of a
 * halt, which has to work on any payload and before any activity runs.
 */
const WORKFLOW_WORDS = ['domain/order/order-state', 'domain/safety/halt-request'] as const;

export const BOUNDARY_RULES: readonly BoundaryRule[] = [
  {
    from: 'domain/',
    values: NOTHING,
    types: NOTHING,
    why: 'decisions are pure: the domain imports itself only',
  },
  {
    from: 'strategies/',
    values: ['domain/', 'zod'],
    types: NOTHING,
    why: 'a strategy sees bars and its parameters, nothing else',
  },
  {
    from: 'workflows/contract/',
    values: ['@temporalio/workflow', '@temporalio/common'],
    types: ['domain/'],
    why: 'the contract loads in every process and stays lean in the workflow bundle',
  },
  {
    from: 'workflows/',
    values: [...WORKFLOW_WORDS, '@temporalio/workflow', '@temporalio/common'],
    types: ['domain/', 'activities/'],
    why: 'a workflow orders events and waits; whatever decides or does something is an activity',
  },
  {
    from: 'activities/',
    values: [
      'domain/',
      'strategies/',
      'workflows/contract/',
      ...PORTS,
      '@temporalio/activity',
      '@temporalio/common',
      'node:crypto',
    ],
    types: ['@temporalio/client'],
    why: 'an activity is a thin shell over ports that were passed in',
  },
  {
    from: 'adapters/broker/',
    values: ['domain/', '@alpacahq/alpaca-trade-api', '@msgpack/msgpack', 'ws', 'zod', 'node:*'],
    types: NOTHING,
    why: 'an adapter knows the domain and its own SDK, no other adapter',
  },
  {
    from: 'adapters/store/',
    values: ['domain/', 'prisma/', '@prisma/*', 'better-sqlite3', 'pg', 'ulid', 'zod', 'node:*'],
    types: NOTHING,
    why: 'an adapter knows the domain and its own SDK, no other adapter',
  },
  {
    from: 'adapters/market-data/alpaca/',
    values: [
      'domain/',
      'adapters/broker/port',
      'adapters/broker/errors',
      'adapters/broker/alpaca/',
      '@alpacahq/alpaca-trade-api',
      '@msgpack/msgpack',
      'ws',
      'zod',
      'node:*',
    ],
    types: NOTHING,
    why: "Alpaca's prices and orders come over one wire: keys, requests and failures are read once",
  },
  {
    from: 'adapters/market-data/',
    values: [
      'domain/',
      '@alpacahq/alpaca-trade-api',
      '@msgpack/msgpack',
      'csv-parse',
      'ws',
      'zod',
      'node:*',
    ],
    types: NOTHING,
    why: 'an adapter knows the domain and its own SDK, no other adapter',
  },
  {
    from: 'adapters/safety/',
    values: ['domain/', 'zod', 'node:*'],
    types: NOTHING,
    why: 'an adapter knows the domain and its own SDK, no other adapter',
  },
  {
    from: 'adapters/alerts/',
    values: ['domain/', 'zod', 'node:*'],
    types: NOTHING,
    why: 'an adapter knows the domain and its own SDK, no other adapter',
  },
  {
    from: 'adapters/telemetry/',
    values: ['domain/', 'pino', 'node:*'],
    types: NOTHING,
    why: 'an adapter knows the domain and its own SDK, no other adapter',
  },
  {
    from: 'exchange/matching/',
    values: ['domain/values/', 'domain/market/'],
    types: NOTHING,
    why: 'the matching engine is pure and shared with the backtester',
  },
  {
    from: 'exchange/',
    values: [
      'domain/values/',
      'domain/market/',
      '@msgpack/msgpack',
      'better-sqlite3',
      'csv-parse',
      'fastify',
      'ulid',
      'ws',
      'zod',
      'node:*',
    ],
    types: NOTHING,
    why: 'a bug in our books must not be on both sides: the exchange shares values and bars only',
  },
  {
    from: 'backtest/',
    values: [
      'domain/',
      'strategies/',
      'exchange/matching/',
      'adapters/market-data/files/',
      'adapters/market-data/port',
      'node:*',
    ],
    types: ['adapters/store/port'],
    why: 'a backtest runs the same decisions in process, without Temporal',
  },
  {
    from: 'workers/',
    values: [
      'domain/',
      'strategies/',
      'workflows/contract/',
      'activities/',
      'adapters/',
      'exchange/',
      'config/',
      'prisma/',
      '@temporalio/*',
      'pino',
      'ulid',
      'zod',
      'node:*',
    ],
    types: ['workflows/', 'fastify'],
    why: 'wiring knows everything but cli, test and backtest; workflows are loaded as a bundle',
  },
  {
    from: 'cli/',
    values: [
      'domain/values/',
      'workflows/contract/',
      'config/',
      'workers/',
      'backtest/',
      'cli-table3',
      'commander',
      'log-update',
      'node:*',
    ],
    types: ['domain/', 'adapters/store/port'],
    why: 'the command line calls what workers/ exports',
  },
  {
    from: 'config/',
    values: ['domain/values/', 'zod', 'node:*'],
    types: NOTHING,
    why: 'configuration is read before anything else exists',
  },
  {
    from: 'prisma/',
    values: ['prisma', '@prisma/*', 'node:*'],
    types: NOTHING,
    why: 'models and migrations know no code of ours',
  },
  {
    from: 'tools/setup/',
    values: ['dist/cli/main', 'node:*'],
    types: NOTHING,
    why: 'setup runs before any package is installed',
  },
  {
    from: 'tools/proofs/',
    values: ['tools/setup/', 'vitest', 'node:*'],
    types: NOTHING,
    why: 'the long forms of the tests are loaded from their sources, by the test runner’s Vite',
  },
  {
    from: 'tools/',
    values: ['@temporalio/worker', 'domain/', 'workflows/contract/', 'yaml', 'node:*'],
    types: NOTHING,
    why: 'tools build or generate; they do not trade',
  },
];

/** Folders that may import everything. Nobody imports them. */
export const UNBOUNDED_FOLDERS = ['test/', 'bench/', 'vitest.config.ts', 'deploy/'] as const;
