import { z } from 'zod';

const PORT_MAX = 65_535;
/** Temporal's own numbers, so that other tools find the server where they look first. */
const TEMPORAL_PORT = 7233;
const UI_PORT = 8233;
const STALL_MS = 10_000;
const ADDRESS = /^(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/;
const TEXT_MAX = 40;

const address = z
  .string()
  .refine(isAddress, { error: (issue) => expected('an address as HOST:PORT', issue.input) });

const port = z
  .string()
  .refine(isPort, { error: (issue) => expected(`a port from 1 to ${PORT_MAX}`, issue.input) })
  .transform(Number);

const protection = z.enum(['alert', 're-arm'], {
  error: (issue) => expected('alert or re-arm', issue.input),
});

const stallMs = z
  .string()
  .refine((text) => /^\d{4,6}$/.test(text), {
    error: (issue) => expected('milliseconds from 1000 to 999999', issue.input),
  })
  .transform(Number);

const EXTERNAL_ORDERS = ['observe', 'adopt', 'halt'] as const;
const externalOrders = z.enum(EXTERNAL_ORDERS, {
  error: (issue) => expected(`one of ${EXTERNAL_ORDERS.join(', ')}`, issue.input),
});

/**
 * Every variable of the environment that Ordinis reads, with its default. Empty is the same as
 * unset.
 */
export const environmentSchema = z.object({
  /** A Temporal server that runs elsewhere; without it Ordinis starts its own. */
  ORDINIS_TEMPORAL_ADDRESS: address.nullable().default(null),
  /** The Temporal CLI that serves; setup finds it and names it here. */
  ORDINIS_TEMPORAL_BIN: z.string().nullable().default(null),
  /** Where the embedded server listens, or the next free port above. */
  ORDINIS_TEMPORAL_PORT: port.default(TEMPORAL_PORT),
  ORDINIS_UI_PORT: port.default(UI_PORT),
  /** The folder of the books; `--data-dir` goes before it. */
  ORDINIS_DATA_DIR: z.string().nullable().default(null),
  /** What takes long to make is kept there for every clone; read by setup. */
  ORDINIS_CACHE_DIR: z.string().nullable().default(null),
  /** Recorded market data for the tests; read by them. */
  ORDINIS_TEST_DATA: z.string().nullable().default(null),
  /** Published API descriptions for the tests; read by them. */
  ORDINIS_TEST_SPECS: z.string().nullable().default(null),
  /** Whether a position's lost stop or take-profit is only told, or put back as well. */
  ORDINIS_PROTECTION: protection.default('alert'),
  /**
   * Wall milliseconds that the process may stand still before the gate closes and what was decided
   * is void.
   */
  ORDINIS_STALL_MS: stallMs.default(STALL_MS),
  /** For kill tests: `name:n` ends the process at the n-th passage of the named point. */
  ORDINIS_CRASH_POINT: z.string().nullable().default(null),
  /** For kill tests: where the name of a reached point is written. */
  ORDINIS_CRASH_FILE: z.string().nullable().default(null),
  /** For tests: the folder in which the paper exchange leaves samples of what it answers. */
  ORDINIS_EXCHANGE_SAMPLES: z.string().nullable().default(null),
  /** What becomes of orders on the account that Ordinis did not place. */
  ORDINIS_EXTERNAL_ORDERS: externalOrders.default('observe'),
  APCA_API_KEY_ID: z.string().nullable().default(null),
  APCA_API_SECRET_KEY: z.string().nullable().default(null),
  /** Checked, never used: it must not point at another mode than the one that was asked for. */
  APCA_API_BASE_URL: z.string().nullable().default(null),
});

export type EnvironmentVariables = z.infer<typeof environmentSchema>;
export type EnvironmentVariable = keyof EnvironmentVariables;

function isAddress(text: string): boolean {
  const match = ADDRESS.exec(text);
  return match?.[1] !== undefined && isPort(match[1]);
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= PORT_MAX;
}

function expected(what: string, found: unknown): string {
  return `expected ${what}, found ${JSON.stringify(String(found).slice(0, TEXT_MAX))}`;
}
