import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHaltLatch, openKillFile } from '../../../adapters/safety/kill-file.js';
import type { KillFile } from '../../../adapters/safety/port.js';

function newFile(): { readonly file: KillFile; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'ordinis-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'KILL_SWITCH');
  return { file: openKillFile(path), path };
}

describe('kill file', () => {
  it('none → not engaged, no causes, and releasing is done', () => {
    const { file } = newFile();
    expect([file.isEngaged(), file.causeIds(), file.release([])]).toEqual([false, null, true]);
  });

  it('engaged by causes → engaged, in one line each, for the owner only', () => {
    const { file, path } = newFile();
    file.engage({ causeId: 'a', message: 'two\nlines' });
    file.engage({ causeId: 'b', message: 'x'.repeat(999) });
    file.engage({ causeId: 'a', message: 'again' });
    expect(file.isEngaged()).toBe(true);
    expect(file.causeIds()).toEqual(['a', 'b']);
    expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('cause a two lines');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['empty', ''],
    ['only spaces', ' \n\n'],
    ['a word', 'stop'],
    ['a foreign line among ours', 'cause a x\nstop\n'],
    ['binary', '\u0000\uFFFD'],
  ])('made by hand (%s) → engaged, without causes, never removed', (_name, text) => {
    const { file, path } = newFile();
    writeFileSync(path, text);
    expect([file.isEngaged(), file.causeIds()]).toEqual([true, []]);
    expect(file.release(['a', 'stop'])).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('a folder in its place → engaged, by hand', () => {
    const { file, path } = newFile();
    mkdirSync(path);
    expect([file.isEngaged(), file.causeIds(), file.release([])]).toEqual([true, [], false]);
  });

  it('a link to nowhere in its place → engaged, by hand', () => {
    const { file, path } = newFile();
    symlinkSync('/nowhere/KILL_SWITCH', path);
    expect([file.isEngaged(), file.causeIds(), file.release([])]).toEqual([true, [], false]);
  });

  it('a pipe in its place → engaged, by hand, and nobody waits for it', () => {
    const { file, path } = newFile();
    execFileSync('mkfifo', [path]);
    expect([file.isEngaged(), file.causeIds(), file.release([])]).toEqual([true, [], false]);
    expect(() => file.engage({ causeId: 'a', message: 'x' })).toThrow('ENXIO');
  });

  it('its folder is a file → nobody can tell: engaged', () => {
    const { path } = newFile();
    writeFileSync(path, '');
    const below = openKillFile(join(path, 'KILL_SWITCH'));
    expect([below.isEngaged(), below.causeIds()]).toEqual([true, []]);
  });

  it('a cause that was not released is in it → it stays', () => {
    const { file } = newFile();
    file.engage({ causeId: 'a', message: 'x' });
    file.engage({ causeId: 'b', message: 'y' });
    expect([file.release(['a']), file.causeIds()]).toEqual([false, ['a', 'b']]);
    expect([file.release(['b', 'a', 'c']), file.isEngaged()]).toEqual([true, false]);
  });

  it('a write that was cut off → not a cause of ours: stays until a hand removes it', () => {
    const { file, path } = newFile();
    writeFileSync(path, 'cause a x\ncau');
    file.engage({ causeId: 'b', message: 'y' });
    expect(file.release(['a', 'b'])).toBe(false);
  });
});

describe('halt latch', () => {
  it('starts open; each cause holds it until that one is released', () => {
    const latch = createHaltLatch();
    const seen = [latch.isEngaged()];
    for (const causeId of ['a', 'a', 'b']) latch.engage(causeId);
    seen.push(latch.isEngaged());
    expect(latch.causeIds()).toEqual(['a', 'b']);
    latch.release(['a']);
    seen.push(latch.isEngaged());
    latch.release(['b', 'c']);
    seen.push(latch.isEngaged());
    expect(seen).toEqual([false, true, true, false]);
  });
});
