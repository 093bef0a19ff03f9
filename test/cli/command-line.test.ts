import { describe, expect, it } from 'vitest';
import { loadEnvironment } from '../../config/index.js';
import { testShell } from './shell-fixture.js';

const COMMANDS = [
  'start',
  'stop',
  'status',
  'halt',
  'resume',
  'orders',
  'order show',
  'order submit',
  'order cancel',
  'positions',
  'trades',
  'alerts',
  'reconcile',
  'backup',
  'restore',
  'exchange',
];

describe('command line', () => {
  it.each(COMMANDS)('ordinis %s --help → usage, exit code 0, nothing loaded', async (command) => {
    const test = await testShell();
    expect(await test.run(...command.split(' '), '--help')).toBe(0);
    const text = test.out.join('\n');
    expect(text).toContain(`Usage: ordinis ${command}`);
    for (const option of ['--json', '--data-dir', '--debug']) expect(text).toContain(option);
    expect(test.loads()).toBe(0);
  });

  it('ordinis --help → every command', async () => {
    const test = await testShell();
    expect(await test.run('--help')).toBe(0);
    const text = test.out.join('\n');
    for (const command of COMMANDS) expect(text).toContain(`  ${command.split(' ')[0]} `);
  });

  it.each([
    { name: 'no command', words: [], says: null },
    { name: 'an unknown command', words: ['buy'], says: "unknown command 'buy'" },
    {
      name: 'an unknown option',
      words: ['status', '--verbose'],
      says: "unknown option '--verbose'",
    },
    { name: 'a word too many', words: ['status', 'now'], says: 'too many arguments' },
    { name: 'a missing word', words: ['restore'], says: "missing required argument 'file'" },
    { name: 'an option without its value', words: ['start', '--date'], says: '--date' },
    {
      name: 'an unknown order command',
      words: ['order', 'double'],
      says: "unknown command 'double'",
    },
    { name: 'a group alone', words: ['order'], says: 'one of show, submit, cancel, replace' },
  ])('$name → exit code 2 and where the help is', async ({ words, says }) => {
    const test = await testShell();
    expect(await test.run(...words)).toBe(2);
    expect(test.loads()).toBe(0);
    if (says === null) return;
    expect(test.err).toHaveLength(1);
    expect(test.err[0]).toContain(says);
    expect(test.err[0]).toContain('--help');
  });
});

describe('where the help is', () => {
  it.each([
    { words: ['buy'], help: 'npx ordinis --help' },
    { words: ['--data-dir', 'data', 'status'], help: 'npx ordinis --help' },
    { words: ['orders', '--limit', '0'], help: 'npx ordinis orders --help' },
    { words: ['order', 'help'], help: 'npx ordinis order --help' },
    { words: ['order', 'show'], help: 'npx ordinis order show --help' },
  ])('$words → "$help", which exists', async ({ words, help }) => {
    const test = await testShell();
    expect(await test.run(...words)).toBe(2);
    expect(test.err).toEqual([expect.stringContaining(`see "${help}"`)]);
    expect(await test.run(...help.split(' ').slice(2))).toBe(0);
  });
});

describe('environment', () => {
  it('nothing set → defaults, no faults', () => {
    const { variables, faults } = loadEnvironment({ PATH: '/bin', SHELL: '/bin/sh' });
    expect(faults).toEqual([]);
    expect(variables).toMatchObject({
      ORDINIS_TEMPORAL_ADDRESS: null,
      ORDINIS_TEMPORAL_PORT: 7233,
      ORDINIS_UI_PORT: 8233,
      ORDINIS_EXTERNAL_ORDERS: 'observe',
      APCA_API_KEY_ID: null,
    });
  });

  it.each([
    ['localhost:7233', true],
    ['10.0.0.1:1', true],
    ['[::1]:7233', true],
    ['temporal.example.com:65535', true],
    ['localhost', false],
    ['localhost:0', false],
    ['localhost:65536', false],
    ['http://localhost:7233', false],
    ['a b:7233', false],
  ])('ORDINIS_TEMPORAL_ADDRESS=%s → sound: %s', (address, isSound) => {
    const { faults, variables } = loadEnvironment({ ORDINIS_TEMPORAL_ADDRESS: address });
    expect(faults).toHaveLength(isSound ? 0 : 1);
    expect(variables.ORDINIS_TEMPORAL_ADDRESS).toBe(isSound ? address : null);
  });

  it.each([
    ['adopt', 0],
    ['halt', 0],
    ['ignore', 1],
  ])('ORDINIS_EXTERNAL_ORDERS=%s → %i faults', (policy, count) => {
    const { faults } = loadEnvironment({ ORDINIS_EXTERNAL_ORDERS: policy });
    expect(faults).toHaveLength(count);
    if (count > 0) expect(faults[0]).toContain('one of observe, adopt, halt');
  });

  it('several faults → all of them, the sound ones still read', () => {
    const { faults, variables } = loadEnvironment({
      ORDINIS_UI_PORT: 'x',
      ORDINIS_TEMPORAL_PORT: '70000',
      ORDINIS_DATADIR: 'y',
      ORDINIS_DATA_DIR: '/books',
    });
    expect(faults).toHaveLength(3);
    expect(variables).toMatchObject({ ORDINIS_UI_PORT: 8233, ORDINIS_DATA_DIR: '/books' });
  });
});
