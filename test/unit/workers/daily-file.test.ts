import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDailyFile } from '../../../workers/daily-file.js';

const DAY_MS = 86_400_000;

function files(kept = 30) {
  const folder = join(mkdtempSync(join(tmpdir(), 'ordinis-log-')), 'logs');
  const clock = { nowMs: new Date(2026, 0, 30, 12).getTime() };
  const lost: string[] = [];
  const open = () =>
    openDailyFile({
      folder,
      name: 'ordinis',
      kept,
      nowWallMs: () => clock.nowMs,
      onLost: (why) => void lost.push(why),
      lostLine: (count) => `${count} lost\n`,
    });
  const read = (date: string) => readFileSync(join(folder, `ordinis.${date}.log`), 'utf8');
  return { folder, clock, lost, open, read };
}

describe('openDailyFile', () => {
  it('has each line on disk when the call returns', () => {
    const { open, read } = files();
    open().write('one\n');
    expect(read('2026-01-30')).toBe('one\n');
  });

  it('begins a file on each new day, without a restart', () => {
    const { clock, open, read } = files();
    const file = open();
    file.write('before\n');
    clock.nowMs += DAY_MS;
    file.write('after\n');
    file.write('again\n');
    expect([read('2026-01-30'), read('2026-01-31')]).toEqual(['before\n', 'after\nagain\n']);
  });

  it('adds to the file that an earlier run of the day left', () => {
    const { open, read } = files();
    const first = open();
    first.write('first run\n');
    first.close();
    open().write('second run\n');
    expect(read('2026-01-30')).toBe('first run\nsecond run\n');
  });

  it('keeps the newest files, whoever wrote them, and leaves other files alone', () => {
    const { folder, clock, open } = files(2);
    open().close();
    for (const name of ['ordinis.2025-12-31.1.log', 'ordinis.2026-01-29.log', 'notes.log']) {
      writeFileSync(join(folder, name), '');
    }
    clock.nowMs += DAY_MS;
    open().write('a new day\n');
    expect(readdirSync(folder).toSorted()).toEqual([
      'notes.log',
      'ordinis.2026-01-30.log',
      'ordinis.2026-01-31.log',
    ]);
  });

  it('a day whose file cannot be begun → its lines are counted until it can', () => {
    const { folder, clock, lost, open, read } = files();
    const file = open();
    const inTheWay = join(folder, 'ordinis.2026-01-31.log');
    mkdirSync(inTheWay);
    clock.nowMs += DAY_MS;
    file.write('one\n');
    file.write('two\n');
    rmdirSync(inTheWay);
    file.write('three\n');
    expect(lost).toEqual([expect.stringContaining('EISDIR')]);
    expect(read('2026-01-31')).toBe('2 lost\nthree\n');
  });
});
