import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../cli/program.js';
import { fencedBlocks, proseOf } from '../../support/markdown-blocks.js';
import { testShell } from '../../cli/shell-fixture.js';
import { inlineCode, pages } from './pages.js';

/** A command line that a page tells its reader to type. */
interface CommandLine {
  readonly words: readonly string[];
}

/** Everything typed after `npx ordinis`, and after `npm start --`, which is `ordinis start`. */
function commandLines(text: string): readonly CommandLine[] {
  const blocks = fencedBlocks(text).map(({ lines }) => lines.join('\n').replace(/\\\n\s*/g, ' '));
  const typed = [...inlineCode(proseOf(text)), ...blocks.flatMap((block) => block.split('\n'))];
  return typed.flatMap((line) =>
    [...line.matchAll(/(npx ordinis|npm start --)(?=\s|$)([^|;&"]*)/g)].map(([, how, rest]) => {
      const words = (rest ?? '').split(/\s+/).filter((word) => word !== '');
      return { words: how === 'npx ordinis' ? words : ['start', ...words] };
    }),
  );
}

/** What is wrong with a command line, or null. */
function faultOf(program: Command, { words }: CommandLine): string | null {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  const isNamed = command !== program || words.length === 0 || words[0] === '--help';
  if (!isNamed && words[0] !== '…') return `no command ${words[0]}`;
  const known = ['--help', ...command.options.map((option) => option.long)];
  const unknown = words.filter((word) => word.startsWith('--') && !known.includes(word));
  return unknown.length === 0 ? null : `${command.name()}: no flag ${unknown.join(', ')}`;
}

async function program(): Promise<Command> {
  const { shell } = await testShell();
  return buildProgram({
    shell,
    openCanvas: () => Promise.reject(new Error('expected no canvas for help')),
    operator: 'nobody',
    exit: () => undefined,
  });
}

describe('commands in pages', () => {
  it.for(pages())('$path: every command and flag → is in the help', async ({ text }) => {
    const built = await program();
    const faults = commandLines(text).map((line) => faultOf(built, line));
    expect(faults.filter((fault) => fault !== null)).toEqual([]);
  });

  it('README: flags that stand alone → are flags of some command', async () => {
    const built = await program();
    const all = built.commands.flatMap((command) => [command, ...command.commands]);
    const known = all.flatMap((command) => command.options.map((option) => option.long));
    const readme = pages().find(({ path }) => path === 'README.md')?.text ?? '';
    const named = inlineCode(proseOf(readme)).flatMap((code) => /^--[a-z-]+/.exec(code) ?? []);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((flag) => flag !== '--help' && !known.includes(flag))).toEqual([]);
  });

  it.each([
    ['npx ordinis hlat', 'no command hlat'],
    ['npx ordinis halt --resaon-text x', 'halt: no flag --resaon-text'],
    ['npx ordinis order cancel ID --why x', 'cancel: no flag --why'],
    ['npm start -- --symbol SPY', 'start: no flag --symbol'],
    ['npx ordinis order cancel ID --reason x', null],
    ['npx ordinis …', null],
    ['npx ordinis --help', null],
  ])('commands: %s → %s', async (line, fault) => {
    const built = await program();
    const [found] = commandLines(`\`${line}\``);
    expect(found && faultOf(built, found)).toBe(fault);
  });
});
