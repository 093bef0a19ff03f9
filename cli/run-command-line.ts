import { CommanderError } from 'commander';
import { StartRefused } from '../workers/start-options.js';
import { CommandFailure, EXIT, firstLineOf, UsageFault } from './failure.js';
import { buildProgram, isHelp, type ProgramParts } from './program.js';
import type { Shell } from './shell.js';

export type CommandLineParts = Omit<ProgramParts, 'exit'>;

/** Stops nothing in this command's way that a misspelt variable should stop only for trading. */
const STRICT_ABOUT_ENVIRONMENT = 'start';

/**
 * Runs one command line (`['start', '--once']`) and returns its exit code: 0 fine, 1 failure, 2
 * wrong use. Whatever goes wrong is one line each on standard error; with `--json` also one JSON
 * object as the last line of standard output; with `--debug` the stack too.
 */
export async function runCommandLine(
  words: readonly string[],
  parts: CommandLineParts,
): Promise<number> {
  const { shell } = parts;
  let code: number = EXIT.fine;
  const program = buildProgram({ ...parts, exit: (result) => (code = result) });
  const write = { writeOut: print(shell.screen.out), writeErr: () => undefined };
  const configured = [program, ...program.commands, ...program.commands.flatMap((c) => c.commands)];
  for (const command of configured) command.configureOutput(write);
  if (words[0] !== STRICT_ABOUT_ENVIRONMENT) {
    for (const fault of shell.environment.faults) shell.screen.err(`ordinis: ${fault}`);
  }
  if (words.length === 0) {
    program.outputHelp();
    return EXIT.wrongUse;
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    return isHelp(error) ? EXIT.fine : tell(shell, words, error);
  }
}

interface Trouble {
  readonly code: number;
  readonly lines: readonly string[];
}

function tell(shell: Shell, words: readonly string[], error: unknown): number {
  const { code, lines } = troubleOf(error, words);
  for (const line of lines) shell.screen.err(`ordinis: ${line}`);
  if (words.includes('--debug') && error instanceof Error) shell.screen.err(error.stack ?? '');
  if (words.includes('--json')) {
    shell.screen.out(JSON.stringify({ error: { code, lines } }));
  }
  return code;
}

function troubleOf(error: unknown, words: readonly string[]): Trouble {
  if (error instanceof UsageFault) return { code: EXIT.wrongUse, lines: error.faults };
  if (error instanceof CommandFailure) return { code: EXIT.failure, lines: error.lines };
  if (error instanceof StartRefused) return { code: error.exitCode, lines: [error.message] };
  if (error instanceof CommanderError) {
    return { code: EXIT.wrongUse, lines: [commanderLine(error, words)] };
  }
  const hint = words.includes('--debug') ? '' : '; --debug shows where';
  return { code: EXIT.failure, lines: [`${firstLineOf(error)}${hint}`] };
}

function commanderLine(error: CommanderError, words: readonly string[]): string {
  const first = error.message.split('\n')[0] ?? '';
  const message = first.replace(/^error: /, '').replace(/\.$/, '');
  const command = words.find((word) => !word.startsWith('-')) ?? '';
  return `${message}; see "npx ordinis ${command} --help"`.replace('  ', ' ');
}

function print(out: (line: string) => void): (text: string) => void {
  return (text) => {
    for (const line of text.replace(/\n$/, '').split('\n')) out(line);
  };
}
