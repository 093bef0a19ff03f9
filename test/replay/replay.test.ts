import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/repository.js';

// Histories that real runs recorded. Today's workflows must still make the same decisions in the
// same order: an order that is open when a new version is deployed goes on as it began.

const FOLDER = join(repositoryRoot, 'test', 'replay', 'histories');
const BUNDLE_MS_MAX = 60_000;

const PATHS = [
  'filled',
  'partly-filled',
  'canceled',
  'canceled-by-update',
  'denied',
  'unknown-then-sent-again',
  'bracket',
  'leg-replaced',
  'replaced',
  'replaced-by-cancel',
  'replace-refused',
  'replace-rejected-by-event',
  'replace-answer-lost',
  'replacement-unknown-then-sent-again',
];
const recorded = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

let workflowBundle: { readonly code: string };
let changedBundle: { readonly code: string };

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(repositoryRoot, 'workflows', 'index.ts'),
  });
  changedBundle = await bundleWorkflowCode({
    workflowsPath: join(repositoryRoot, 'test', 'replay', 'changed-workflows.ts'),
  });
}, BUNDLE_MS_MAX);

function history(name: string): unknown {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
}

describe('recorded histories', () => {
  it('are of every path that an order can take', () => {
    for (const path of PATHS) expect(recorded).toContain(`order-${path}.json`);
  });

  it('are of paths that end a turn in different ways', () => {
    for (const path of ['turned', 'closed-only', 'kept']) {
      expect(recorded).toContain(`turn-${path}.json`);
    }
  });

  it('are of sessions with a backup, without one, and stopped before there was one', () => {
    for (const path of ['session', 'session-no-backup', 'session-stopped-in-backup']) {
      expect(recorded).toContain(`${path}.json`);
    }
  });

  it('are of kill switches, also of one that was told of engaged causes by `halt`', () => {
    for (const path of ['kill-switch', 'kill-switch-told-by-halt']) {
      expect(recorded).toContain(`${path}.json`);
    }
  });

  it.each(recorded)('%s: replayed by the workflows of today → the same commands', async (name) => {
    await expect(
      Worker.runReplayHistory({ workflowBundle }, history(name)),
    ).resolves.toBeUndefined();
  });

  it.each([
    ['an order workflow that waits before it places', 'order-filled.json'],
    ['a turn workflow that waits before it looks', 'turn-turned.json'],
  ])('%s → fails replay', async (_name, file) => {
    await expect(
      Worker.runReplayHistory({ workflowBundle: changedBundle }, history(file)),
    ).rejects.toThrow(DeterminismViolationError);
  });
});
