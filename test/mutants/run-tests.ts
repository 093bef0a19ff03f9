import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryRoot } from '../support/repository.js';
import { run, type Said } from './run-command.js';

/** A test that failed. */
export interface FailedTest {
  readonly file: string;
  readonly name: string;
  /** The first line of what it said. */
  readonly message: string;
  /** An expectation or an invariant failed, rather than that the code broke down. */
  readonly isAssertion: boolean;
}

export interface TestRun {
  readonly passed: number;
  readonly failed: readonly FailedTest[];
  /** Files that could not be loaded, with what was said. */
  readonly unloaded: readonly string[];
}

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** A mutant that hangs is ended after this long, far above what its tests take. */
const TESTS_MS_MAX = 120_000;

/** Runs test files in a copy of the repository. Throws when the runner itself did not report. */
export async function runTests(folder: string, files: readonly string[]): Promise<TestRun> {
  const place = mkdtempSync(join(tmpdir(), 'ordinis-mutant-report-'));
  const file = join(place, 'report.json');
  try {
    const vitest = join(repositoryRoot, 'node_modules', 'vitest', 'vitest.mjs');
    const said = await run(
      folder,
      [vitest, 'run', '--root', folder, '--reporter=json', `--outputFile=${file}`, ...files],
      TESTS_MS_MAX,
    );
    return readReport(file, folder, said);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function readReport(path: string, folder: string, said: Said): TestRun {
  const { testResults } = report.parse(JSON.parse(readText(path, said)));
  const isBroken = (file: (typeof testResults)[number]): boolean =>
    file.assertionResults.length === 0 && file.message !== '';
  return {
    passed: testResults
      .flatMap((file) => file.assertionResults)
      .filter(({ status }) => status === 'passed').length,
    failed: testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages }) => failureOf(failureMessages ?? [], fullName))
        .map((failure) => ({ ...failure, file: name.replace(`${folder}/`, '') })),
    ),
    unloaded: testResults.filter(isBroken).map(({ name, message }) => `${name}: ${message}`),
  };
}

/** An expectation, one about a promise, a property of fast-check, or an invariant of ours. */
const ASSERTION = /\bAssertionError\b|^Error: (?:expected |promise |Property )/;

function failureOf(messages: readonly string[], name: string): Omit<FailedTest, 'file'> {
  const isAssertion = messages.some((text) => ASSERTION.test(text));
  return { name, message: messages[0]?.split('\n', 1)[0] ?? '', isAssertion };
}

function readText(path: string, said: Said): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(
      `expected a report of the tests, found none (code ${said.code}):\n${said.text}`,
    );
  }
}
