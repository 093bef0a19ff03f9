import '../simulator/temporal/workflow-globals.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE, SEARCH_ATTRIBUTES } from '../../workflows/contract/index.js';
import { startEmbeddedTemporal } from '../../workers/temporal/index.js';
import { openRealTheatre, type RealGround } from '../simulator/fidelity/real-theatre.js';
import { SCRIPTS, type Script } from '../simulator/fidelity/scripts.js';
import { openSimulatedTheatre } from '../simulator/fidelity/simulated-theatre.js';
import { booksRowsOf } from '../simulator/invariants/books-rows.js';
import type { Theatre } from '../simulator/fidelity/theatre.js';
import { repositoryRoot } from '../support/repository.js';
import { temporalBinary } from '../support/temporal-binary.js';
import { openTestWorld, type TestWorld } from '../support/test-world.js';

// The simulated runtime is worth what it shares with the real one: the same script, played on both,
// must lead to the same decisions of the workflow in the same order, and to the same books.

const PORT = 27_000 + (process.pid % 1_000) * 4;

let ground: RealGround;
let close: () => Promise<void>;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const dataDirectory = mkdtempSync(join(tmpdir(), 'ordinis-fidelity-'));
  const server = await startEmbeddedTemporal({
    binary: await temporalBinary(),
    dataDirectory,
    preferredPort: PORT,
    preferredUiPort: PORT + 2,
    namespace: NAMESPACE,
    retentionDays: 30,
    searchAttributes: SEARCH_ATTRIBUTES,
    onLine: () => undefined,
  });
  const connection = await NativeConnection.connect({ address: server.address });
  const client = new Client({ connection, namespace: NAMESPACE });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: join(repositoryRoot, 'workflows', 'index.ts'),
  });
  ground = { connection, client, workflowBundle };
  close = async () => {
    await connection.close();
    await server.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  };
});

afterAll(() => close());

/** A world in which sleeping costs no real time. */
async function openWorld(): Promise<TestWorld> {
  const test = await openTestWorld();
  const { world } = test;
  const wallClock = { ...world.wallClock, sleep: async (ms: number) => test.advanceWall(ms) };
  return { ...test, world: { ...world, wallClock } };
}

async function play(script: Script, theatre: Theatre): Promise<unknown> {
  await script.play(theatre);
  const decisions = await theatre.decisionsOf(script.workflowId);
  const {
    audit_records: audited,
    account,
    ...books
  } = await booksRowsOf(theatre.test.world.reader);
  const { audit_head: _head, ...totals } = account;
  const audit = audited.map(({ kind, entity, body }) => [kind, entity, body]);
  return { decisions: decisions.slice(0, script.decisionsMax), audit, totals, ...books };
}

describe('a script on the simulated runtime and on a real server', () => {
  it.each(SCRIPTS)('$name → the same decisions, the same books', async (script) => {
    const real = await openRealTheatre(await openWorld(), ground);
    const onServer = await play(script, real).finally(() => real.close());
    const simulated = openSimulatedTheatre(await openWorld());
    const inSimulator = await play(script, simulated).finally(() => simulated.close());
    expect(inSimulator).toEqual(onServer);
  });
});
