import { describe, expect, it } from 'vitest';
import { bannedIdentifiers } from './banned-identifiers.js';
import { codeFiles } from './sources.js';

describe('banned identifiers', () => {
  it('the code of this repository: none', () => {
    expect(codeFiles().flatMap(bannedIdentifiers)).toEqual([]);
  });

  it.each([
    ['domain/order/planted.ts', 'const at = Date.now();', 'Date.now: take the instant'],
    ['domain/order/planted.ts', "const at = Date['now']();", 'Date.now: take the instant'],
    ['strategies/planted.ts', 'const at = globalThis.Date.now();', 'Date.now: take the instant'],
    ['strategies/planted.ts', 'const at = new Date();', 'new Date(): take the instant'],
    ['workflows/planted.ts', 'const id = Math.random();', 'Math.random: derive it'],
    ['exchange/matching/planted.ts', 'const t = performance.now();', 'performance.now: take'],
    ['domain/planted.ts', 'const id = crypto.randomUUID();', 'crypto.randomUUID: derive it'],
    ['domain/planted.ts', "const v = process.env['X'];", 'process.env: only config/ reads'],
    ['workers/planted.ts', 'const { X } = process.env;', 'process.env: only config/ reads'],
    ['exchange/server/planted.ts', 'process.env.X;', 'process.env: only config/ reads'],
  ])('%s: %s → found, with its replacement', (path, text, expected) => {
    expect(bannedIdentifiers({ path, text })).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['domain/planted.ts', 'const at = new Date(nowAtMs);'],
    ['domain/planted.ts', '// Date.now() in a comment\nconst words = "Math.random";'],
    ['workers/planted.ts', 'const at = Date.now();'],
    ['config/load.ts', 'export const all = process.env;'],
    ['test/planted.ts', "const root = process.env['ORDINIS_TEST_DATA'];"],
  ])('%s: %s → allowed', (path, text) => {
    expect(bannedIdentifiers({ path, text })).toEqual([]);
  });
});
