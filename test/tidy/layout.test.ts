import { describe, expect, it } from 'vitest';
import { longFile, longFunctions, wideLines } from './layout.js';
import { codeFiles } from './sources.js';

describe('the code of this repository', () => {
  it('lines: at most 100 columns', () => {
    expect(codeFiles().flatMap(wideLines)).toEqual([]);
  });

  it('functions: at most 70 lines', () => {
    expect(codeFiles().flatMap(longFunctions)).toEqual([]);
  });

  it('files: at most 450 lines', () => {
    expect(codeFiles().flatMap(longFile)).toEqual([]);
  });
});

describe('the layout rules', () => {
  const statements = (count: number): string => '  step();\n'.repeat(count);

  it('wideLines: one line of 101 columns → named with its number', () => {
    const text = `${'x'.repeat(100)}\n${'y'.repeat(101)}\n`;
    expect(wideLines({ path: 'domain/wide.ts', text })).toEqual([
      'domain/wide.ts:2 has 101 columns, at most 100',
    ]);
  });

  it('wideLines: an import that cannot be broken → allowed, one that can → found', () => {
    const one = `import { name } from '../${'long/'.repeat(20)}path.js';`;
    const two = `import { name, other } from '../${'long/'.repeat(20)}path.js';`;
    expect(wideLines({ path: 'domain/one.ts', text: one })).toEqual([]);
    expect(wideLines({ path: 'domain/two.ts', text: two })).toHaveLength(1);
  });

  it.each([
    ['a declaration', `function planted() {\n${statements(69)}}\n`],
    ['an arrow', `const planted = () => {\n${statements(69)}};\n`],
    ['a method', `class Planted {\n  run() {\n${statements(69)}  }\n}\n`],
  ])('longFunctions: %s of 71 lines → found', (_kind, text) => {
    expect(longFunctions({ path: 'domain/long.ts', text })).toEqual([
      expect.stringContaining('is a function of 71 lines, at most 70'),
    ]);
  });

  it('longFunctions: 70 lines, or a long describe → allowed', () => {
    const fits = `function fits() {\n${statements(68)}}\n`;
    const suite = `describe('x', () => {\n${statements(90)}});\n`;
    expect(longFunctions({ path: 'test/x.ts', text: fits + suite })).toEqual([]);
    const contract = `export function contract() {\n${statements(90)}}\n`;
    expect(longFunctions({ path: 'test/x.contract.ts', text: contract })).toEqual([]);
  });

  it('longFile: 451 lines → found, 450 → allowed', () => {
    expect(longFile({ path: 'domain/long.ts', text: statements(451) })).toHaveLength(1);
    expect(longFile({ path: 'domain/fits.ts', text: statements(450) })).toEqual([]);
  });
});
