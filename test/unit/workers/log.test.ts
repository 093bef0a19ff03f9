import type * as nodeFs from 'node:fs';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openFileLog } from '../../../workers/log.js';

/** How many bytes there is room for. */
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof nodeFs>();
  const writeSync = (descriptor: number, bytes: Buffer, offset: number): number => {
    const length = Math.min(bytes.length - offset, disk.room);
    if (length === 0) {
      const full = new Error('ENOSPC: no space left on device, write');
      throw Object.assign(full, { code: 'ENOSPC', syscall: 'write' });
    }
    disk.room -= length;
    return fs.writeSync(descriptor, bytes, offset, length);
  };
  return { ...fs, writeSync };
});

beforeEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
});

function openLog() {
  const folder = mkdtempSync(join(tmpdir(), 'ordinis-log-'));
  const told: string[] = [];
  const log = openFileLog(folder, (line) => void told.push(line));
  const lines = (): string[] => {
    const [file = ''] = readdirSync(join(folder, 'logs'));
    return readFileSync(join(folder, 'logs', file), 'utf8')
      .trimEnd()
      .split('\n');
  };
  return { log, told, lines, folder };
}

describe('openFileLog: a full disk', () => {
  it('no room → nothing is thrown, and a person is told once', () => {
    const { log, told, folder } = openLog();
    disk.room = 0;
    for (let line = 0; line < 3; line += 1) log.warn({}, 'outbox waits');
    expect(told).toEqual([
      `expected room for the log in ${join(folder, 'logs')}, found ` +
        'ENOSPC: no space left on device, write; its lines are lost: make room',
    ]);
  });

  it('room again → first how many lines are missing, then what comes', () => {
    const { log, lines } = openLog();
    log.info({}, 'before');
    disk.room = 0;
    for (let line = 0; line < 3; line += 1) log.warn({}, 'outbox waits');
    disk.room = Number.POSITIVE_INFINITY;
    log.info({}, 'after');
    log.info({}, 'later');
    expect(lines().map((line) => JSON.parse(line))).toMatchObject([
      { msg: 'before' },
      { msg: '3 lines were lost', lost: 3, level: 50 },
      { msg: 'after' },
      { msg: 'later' },
    ]);
  });

  it('room for half a line → the next one does not go on with it', () => {
    const { log, lines } = openLog();
    disk.room = 10;
    log.info({}, 'torn');
    disk.room = Number.POSITIVE_INFINITY;
    log.info({}, 'after');
    const [torn, ...whole] = lines();
    expect(torn).toHaveLength(10);
    expect(whole.map((line) => JSON.parse(line))).toMatchObject([{ lost: 1 }, { msg: 'after' }]);
  });

  it('closed → a late line goes nowhere', async () => {
    const { log, told, lines } = openLog();
    log.info({}, 'in time');
    await log.close();
    log.info({}, 'late');
    expect(lines()).toHaveLength(1);
    expect(told).toEqual([]);
  });
});
