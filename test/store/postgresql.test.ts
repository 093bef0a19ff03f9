import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMigrations } from '../../adapters/store/prisma/migrate.js';

// PostgreSQL refuses to run as root: the tests then run it as the user "nobody".
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;
const user = asRoot ? { uid: NOBODY, gid: NOBODY } : {};

const missing = ['initdb', 'postgres'].filter(
  (program) => spawnSync(program, ['--version']).status !== 0,
);
if (missing.length > 0) {
  process.stdout.write(`skipped: PostgreSQL migrations, found no ${missing.join(', ')} on PATH\n`);
}

const ORDER = `INSERT INTO orders (account, client_order_id, correlation_id, strategy, leg, symbol,
  side, quantity_nanos, type, time_in_force, extended_hours, order_class, purpose, decided_at_ms,
  valid_until_ms, reason, version, state, ordered_quantity_nanos, attempts, filled_quantity_nanos,
  filled_notional_micros, broker_filled_quantity_nanos, created_at_ms, updated_at_ms) VALUES ('a',
  'o', 'c', 's', 'l', 'SPY', 'buy', 1, 'market', 'day', false, 'simple', 'entry', 0, 0, '', 1,
  'created', 1, 0, 0, 0, 0, 0, 0)`;
const ACCOUNT = `INSERT INTO accounts VALUES ('a', 'simulated', 'x', 1, 0, 0, -15000001, 0, 0, 0, 0,
  'none', 0, 0, '', 0)`;
const fill = (id: string, before: number, after: number): string => `INSERT INTO fills (account,
  fill_id, client_order_id, broker_order_id, strategy, symbol, side, cumulative_before_nanos,
  cumulative_after_nanos, price_nanos, notional_micros, fee_micros, kind, source, at_ms,
  recorded_at_wall_ms) VALUES ('a', '${id}', 'o', 'b', 's', 'SPY', 'buy', ${before}, ${after},
  1500000000, -15000001, 0, 'execution', 'stream', 0, 0)`;

describe.skipIf(missing.length > 0)('PostgreSQL migrations', () => {
  let folder: string;

  /** Runs statements in PostgreSQL's single-user mode: no server, no port. */
  const run = (...statements: readonly string[]) => {
    const input = statements.map((statement) => `${statement.trim()}\n\n`).join('');
    const found = spawnSync(
      'postgres',
      ['--single', '-j', '-D', join(folder, 'data'), 'postgres'],
      {
        input,
        encoding: 'utf8',
        ...user,
      },
    );
    const errors = [...found.stderr.matchAll(/ERROR: {2}(.*)/g)].map(([, text]) => text);
    return { errors, said: found.stdout };
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ordinis-postgresql-'));
    if (asRoot) chownSync(folder, NOBODY, NOBODY);
    spawnSync('initdb', ['-D', join(folder, 'data'), '-U', 'ordinis', '--no-sync'], user);
    const created = run(...readMigrations('postgresql').map(({ sql }) => sql));
    if (created.errors.length > 0) throw new Error(created.errors.join('; '));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('tables and constraints → the same rows are refused as on SQLite', () => {
    const { errors } = run(
      `${ACCOUNT};`,
      `${ORDER};`,
      `${fill('first', 0, 10)};`,
      `${fill('second', 5, 20)};`,
      `${fill('third', 10, 20)};`,
      'UPDATE fills SET fee_micros = 1;',
      'DELETE FROM cash_entries;',
      'TRUNCATE audit_records;',
    );
    expect(errors).toEqual([
      'fills_never_overlap: the interval meets a live fill of this broker order',
      'append_only: rows of fills are never changed',
      'append_only: rows of cash_entries are never changed',
      'append_only: rows of audit_records are never changed',
    ]);
  });

  it('views → decimals', () => {
    const { said } = run("SELECT price_usd, notional_usd FROM fills_view WHERE fill_id = 'third';");
    expect(said).toContain('price_usd = "1.5"');
    expect(said).toContain('notional_usd = "-15.000001"');
  });
});
