import { describe, expect, it } from 'vitest';
import { boundaryViolations } from './boundaries.js';
import { codeFiles } from './sources.js';

describe('import boundaries', () => {
  it('the code of this repository: no import against the folder table', () => {
    expect(codeFiles().flatMap(boundaryViolations)).toEqual([]);
  });

  it.each([
    ['domain/order/planted.ts', "import { readFileSync } from 'node:fs';", 'values from node:fs'],
    ['domain/order/planted.ts', "import { z } from 'zod';", 'values from zod'],
    ['domain/a/planted.ts', "import type { B } from '../../adapters/broker/port.js';", 'types of'],
    ['strategies/planted.ts', "export * from '../config/index.js';", 'values from config/index.js'],
    ['workflows/p.workflow.ts', "import { a } from '../activities/order.js';", 'activities/order'],
    ['workflows/p.workflow.ts', "import { type A } from '../activities/a.js';", 'values from'],
    ['workflows/p.workflow.ts', "import '../activities/order.js';", 'values from activities/'],
    ['workflows/p.workflow.ts', "import { x } from '../domain/values/index.js';", 'values from'],
    ['activities/p.ts', "import { x } from '../adapters/store/prisma/orders.js';", 'store/prisma'],
    ['activities/p.ts', "import { x } from '../adapters/store/portable.js';", 'store/portable'],
    ['adapters/store/memory/p.ts', "import { b } from '../../broker/port.js';", 'broker/port.js'],
    ['adapters/broker/p.ts', "import { p } from '@prisma/client';", 'values from @prisma/client'],
    ['exchange/planted.ts', "import { o } from '../domain/order/index.js';", 'domain/order'],
    ['exchange/matching/planted.ts', "import { ulid } from 'ulid';", 'values from ulid'],
    ['workers/planted.ts', "import { main } from '../cli/main.js';", 'values from cli/main.js'],
    ['workers/planted.ts', "export const m = await import('../test/x.js');", 'test/x.js'],
    ['cli/planted.ts', "type X = import('../activities/order.js').X;", 'types of activities/'],
    ['cli/planted.ts', 'await import(name);', 'values from a computed path'],
    ['tools/setup/planted.mjs', "import { parse } from 'yaml';", 'values from yaml'],
    ['nowhere/planted.ts', 'export const x = 1;', 'lies in no folder of the table'],
  ])('%s: %s → found', (path, text, expected) => {
    expect(boundaryViolations({ path, text })).toEqual([expect.stringContaining(expected)]);
  });

  it.each([
    ['domain/order/planted.ts', "import { usd } from '../values/index.js';"],
    ['workflows/p.workflow.ts', "import type { A } from '../activities/order.activities.js';"],
    ['workflows/p.workflow.ts', "import { sleep } from '@temporalio/workflow';"],
    ['activities/planted.ts', "import type { Broker } from '../adapters/broker/port.js';"],
    ['adapters/store/prisma/p.ts', "import { Prisma } from '../../../prisma/generated/c.js';"],
    ['exchange/planted.ts', "import { usd } from '../domain/values/index.js';"],
    ['workers/planted.ts', "import { Worker } from '@temporalio/worker';"],
    ['test/unit/planted.ts', "import { anything } from '../../cli/main.js';"],
  ])('%s: %s → allowed', (path, text) => {
    expect(boundaryViolations({ path, text })).toEqual([]);
  });
});
