import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BooksUnusable } from '../../adapters/store/errors.js';
import { acquireLease, type Lease, leaseHolder } from '../../adapters/store/lease.js';
import { epochMs } from '../../domain/values/index.js';
import { startChild } from './child.js';

describe('acquireLease', () => {
  let folder: string;
  let path: string;
  const held: Lease[] = [];
  const holder = { pid: 4711, startedAtMs: epochMs(5_000) };

  const acquire = (): Lease => {
    const result = acquireLease(path, holder);
    if (result.kind === 'held') throw new Error(`expected the lease, found it with ${result.pid}`);
    held.push(result.lease);
    return result.lease;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ordinis-lease-'));
    path = join(folder, 'lease.db');
  });
  afterEach(() => {
    for (const lease of held.splice(0)) lease.release();
    rmSync(folder, { recursive: true });
  });

  it('a free folder → acquired with epoch 1, held until released, then the next epoch', () => {
    const first = acquire();
    expect(first.bootEpoch).toBe(1);
    expect(first.isHeld()).toBe(true);
    first.release();
    expect(first.isHeld()).toBe(false);
    expect(acquire().bootEpoch).toBe(2);
  });

  it('a second call in the same process → an assertion, and the first keeps it', async () => {
    const lease = acquire();
    expect(acquire).toThrow('expected one lease');
    const child = startChild('hold-lease', path);
    expect(JSON.parse(await child.line())).toMatchObject({ kind: 'held' });
    await child.end();
    expect(lease.isHeld()).toBe(true);
  });

  it('another process has it → held, with its pid, start and epoch', async () => {
    const child = startChild('hold-lease', path);
    expect(JSON.parse(await child.line())).toEqual({ kind: 'acquired', bootEpoch: 1 });
    const result = acquireLease(path, holder);
    const expected = { kind: 'held', pid: child.pid, startedAtMs: 1_000, bootEpoch: 1 };
    expect(result).toEqual(expected);
    await child.end();
  });

  it('kill -9 of the holder → free at once, with the next epoch', async () => {
    const child = startChild('hold-lease', path);
    await child.line();
    await child.kill();
    expect(acquire().bootEpoch).toBe(2);
  });

  it('two processes at once → one has it, the other names it', async () => {
    const children = [startChild('hold-lease', path), startChild('hold-lease', path)];
    const lines = await Promise.all(children.map((child) => child.line()));
    const kinds = lines.map((line) => String(Reflect.get(JSON.parse(line), 'kind')));
    expect(kinds.toSorted()).toEqual(['acquired', 'held']);
    await Promise.all(children.map((child) => child.end()));
  });

  it('the file is moved or replaced under it → no longer held', () => {
    const lease = acquire();
    renameSync(path, `${path}.moved`);
    expect(lease.isHeld()).toBe(false);
    writeFileSync(path, '');
    expect(lease.isHeld()).toBe(false);
  });

  it('a file that is no database → BooksUnusable, one line', () => {
    writeFileSync(path, 'something else that is long enough to be read as a header');
    expect(acquire).toThrow(BooksUnusable);
    expect(acquire).toThrow(/^expected a sound database in .*$/);
  });

  it('a look at a folder that nobody has → nobody, and no file is made', () => {
    expect(leaseHolder(path)).toBeNull();
    expect(existsSync(path)).toBe(false);
  });

  it('a look while another process has it, and after it was killed → it, then nobody', async () => {
    const child = startChild('hold-lease', path);
    await child.line();
    expect(leaseHolder(path)).toMatchObject({ pid: child.pid, startedAtMs: 1_000 });
    await child.kill();
    expect(leaseHolder(path)).toBeNull();
    expect(acquire().bootEpoch).toBe(2);
  });

  it('a look by the process that has it → itself, and it keeps it', async () => {
    const lease = acquire();
    expect(leaseHolder(path)).toMatchObject({ pid: 4711 });
    const child = startChild('hold-lease', path);
    expect(JSON.parse(await child.line())).toMatchObject({ kind: 'held' });
    await child.end();
    expect(lease.isHeld()).toBe(true);
  });
});
