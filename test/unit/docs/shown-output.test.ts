import { describe, expect, it } from 'vitest';
import { fencedBlocks } from '../../support/markdown-blocks.js';
import { firstLineMissing } from '../../support/shown-output.js';

describe('firstLineMissing', () => {
  const printed = ['one  12', 'two in /tmp/x', 'three -4.50'];

  it.each([
    { of: 'all lines in order', sample: ['one 7', 'two in /tmp/x', 'three 1,000'], missing: null },
    { of: 'some lines', sample: ['three 9'], missing: null },
    { of: 'an ellipsis in a line', sample: ['two in …'], missing: null },
    { of: 'a line of an ellipsis', sample: ['…', 'one 1', '…', 'three 1'], missing: null },
    { of: 'another order', sample: ['two in /tmp/x', 'one 12'], missing: 'one 12' },
    { of: 'the same line twice', sample: ['one 1', 'one 2'], missing: 'one 2' },
    { of: 'a part of a line', sample: ['two in'], missing: 'two in' },
    { of: 'a line that was not printed', sample: ['four'], missing: 'four' },
  ])('$of → $missing', ({ sample, missing }) => {
    expect(firstLineMissing(sample, printed)).toBe(missing);
  });
});

describe('fencedBlocks', () => {
  it('two blocks, one with words → language, words, lines and place', () => {
    const page = ['text', '```sh patient', 'a', 'b', '```', '', '```text', 'c', '```'].join('\n');
    expect(fencedBlocks(page)).toEqual([
      { language: 'sh', words: ['patient'], lines: ['a', 'b'], line: 2 },
      { language: 'text', words: [], lines: ['c'], line: 7 },
    ]);
  });

  it('a fence that is never closed → is named', () => {
    expect(() => fencedBlocks('a\n```sh\nb')).toThrow('line 2');
  });
});
