import { defineConfig } from 'vitest/config';
import { closingLineReporter } from './test/support/closing-line-reporter.js';

/** Folders of quick tests: two files at a time, in a process each. */
const QUICK_FOLDERS = [
  'tidy',
  'unit',
  'property',
  'store',
  'exchange',
  'adapters',
  'cli',
  'workflows',
  'replay',
  'simulator',
] as const;

const quick = QUICK_FOLDERS.map((folder) => ({
  extends: true as const,
  test: {
    name: folder,
    include: [`test/${folder}/**/*.test.ts`],
    maxWorkers: 2,
    sequence: { groupOrder: 0 },
  },
}));

/** Copies the repository and runs tests inside: one file, with time for a busy machine. */
const mutants = {
  extends: true as const,
  test: {
    name: 'mutants',
    include: ['test/mutants/**/*.test.ts'],
    maxWorkers: 1,
    testTimeout: 120_000,
    sequence: { groupOrder: 0 },
  },
};

/** Tests against the real stack: two files at a time, after everything else, and patient. */
const stack = {
  extends: true as const,
  test: {
    name: 'stack',
    include: ['test/stack/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    sequence: { groupOrder: 1 },
  },
};

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    globalSetup: ['test/support/temporary-folder.ts'],
    reporters: ['default', closingLineReporter],
    projects: [...quick, mutants, stack],
  },
});
