import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';
import { MUTANT_BANK } from './bank/index.js';
import { compileFaults } from './compile.js';
import { type Mutant, mutated } from './mutant.js';
import { readOptions } from './options.js';
import { jsonReport, lineOf, printedReport } from './report.js';
import { openScratchCopy, type ScratchCopy } from './scratch-copy.js';
import { tryMutant } from './trial.js';

// The short form of `npm run mutants`: all mutants still fit the code of today, and a handful of
// them is really run.

const MUTANTS_MIN = 30;

function textOf(file: string): string {
  return readFileSync(join(repositoryRoot, file), 'utf8');
}

/** The program without comments and without positions: what makes a difference when it runs. */
function meaningOf(file: string, text: string): string {
  const { program, errors } = parseSync(file, text);
  expect(errors).toEqual([]);
  return JSON.stringify(program, (key, value: unknown) =>
    key === 'start' || key === 'end' ? undefined : typeof value === 'bigint' ? `${value}n` : value,
  );
}

describe('the bank of mutants', () => {
  it(`holds at least ${MUTANTS_MIN}, each under a name of its own`, () => {
    const ids = MUTANT_BANK.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(MUTANTS_MIN);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)*$/.test(id))).toEqual([]);
  });

  it.each(MUTANT_BANK)('$id: its text occurs once, and the code means something else', (mutant) => {
    const text = textOf(mutant.file);
    const changed = mutated(mutant, text);
    expect(meaningOf(mutant.file, changed)).not.toBe(meaningOf(mutant.file, text));
  });

  it.each(MUTANT_BANK)('$id: names what it breaks and tests that exist', (mutant) => {
    expect(mutant.breaks.length).toBeGreaterThan(0);
    expect(mutant.breaks.filter((one) => !/^[IF]\d{1,2}$/.test(one))).toEqual([]);
    expect(mutant.killers.length).toBeGreaterThan(0);
    expect(mutant.killers.filter((file) => !existsSync(join(repositoryRoot, file)))).toEqual([]);
  });

  it('mutated: a text that is not there once → named, with what to do', () => {
    const [mutant] = MUTANT_BANK;
    if (mutant === undefined) throw new Error('expected mutants, found none');
    expect(() => mutated(mutant, '')).toThrow(`mutant ${mutant.id}: expected its text once`);
    expect(() => mutated(mutant, mutant.find.repeat(2))).toThrow('found it 2 times');
  });

  it('readOptions: an id that nobody knows → refused; some → only these', () => {
    expect(readOptions(['--only', 'kill-file-not-read'], MUTANT_BANK)?.mutants).toHaveLength(1);
    expect(() => readOptions(['--only', 'nonsense'], MUTANT_BANK)).toThrow('found nonsense');
    expect(() => readOptions(['--lanes', '9'], MUTANT_BANK)).toThrow('--help');
    expect(readOptions(['--help'], MUTANT_BANK)).toBeNull();
  });
});

/** A few of the bank, on files whose tests are quick. */
const TRIED = ['last-look-after-the-await', 'money-through-floating-point'];

const HARMLESS: Mutant = {
  id: 'harmless',
  defect: 'none that a test could notice',
  breaks: ['I1'],
  file: 'domain/signal/plan-order.ts',
  find: 'if (quantity === 0 && amount === null) return null;',
  replace: 'if (quantity <= 0 && amount === null) return null;',
  killers: ['test/unit/domain/signal/plan-order.test.ts'],
};

const DYING: Mutant = { ...HARMLESS, id: 'dying', replace: 'JSON.parse("{");' };

const BROKEN: Mutant = { ...HARMLESS, id: 'broken', replace: 'if (quantity === null) return 1;' };

describe('trying mutants', () => {
  let copy: ScratchCopy;
  beforeAll(() => {
    copy = openScratchCopy();
  });
  afterAll(() => copy.remove());

  const tried = MUTANT_BANK.filter(({ id }) => TRIED.includes(id));

  it('the compiler: a mutant that does not compile → told, and no other', async () => {
    expect(tried).toHaveLength(TRIED.length);
    const faults = await compileFaults(copy, [...tried, BROKEN]);
    expect([...faults.keys()]).toEqual(['broken']);
    expect(faults.get('broken')).toContain(`${BROKEN.file}(`);
  });

  it.each(tried)('$id → killed by an assertion, and the copy is as before', async (mutant) => {
    const trial = await tryMutant(copy, mutant);
    expect(trial.verdict).toMatchObject({ kind: 'killed', by: { isAssertion: true } });
    expect(lineOf(trial)).toContain(`${mutant.id} (${mutant.breaks.join(' ')}): killed by test/`);
    expect(readFileSync(join(copy.folder, mutant.file), 'utf8')).toBe(textOf(mutant.file));
  });

  it.each([
    [HARMLESS, 'tests passed'],
    [DYING, 'no assertion failed, but tests broke down'],
  ])('$id → survives, and is told as a survivor', async (mutant, why) => {
    const trial = await tryMutant(copy, mutant);
    expect(trial.verdict).toEqual({ kind: 'survived', why: expect.stringContaining(why) });
    expect(printedReport([trial], 1)).toContain('0 of 1 killed');
    expect(JSON.parse(jsonReport([trial], 1))).toMatchObject({ survived: [mutant.id] });
  });
});
