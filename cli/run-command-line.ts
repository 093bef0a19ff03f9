import { type Command, CommanderError } from 'commander';
import { StartRefused } from '../workers/start-options.js';
import { CommandFailure, EXIT, firstLineOf, UsageFault } from './failure.js';
import { buildProgram, isHelp, type ProgramParts } from './program.js';
import type { Shell } from './shell.js';

export type CommandLineParts = Omit<ProgramParts, 'exit'>;

/** The name of the error about books that cannot be used: its one line is for people. */
const SAYS_WHAT_TO_DO = 'BooksUnusable';

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
    return isHelp(error) ? EXIT.fine : tell(shell, { words, program }, error);
  }
}

interface Trouble {
  readonly code: number;
  readonly lines: readonly string[];
}

interface Given {
  readonly words: readonly string[];
  readonly program: Command;
}

function tell(shell: Shell, given: Given, error: unknown): number {
  const { words } = given;
  const { code, lines } = troubleOf(error, given);
  for (const line of lines) shell.screen.err(`ordinis: ${line}`);
  if (words.includes('--debug') && error instanceof Error) shell.screen.err(error.stack ?? '');
  if (words.includes('--json')) {
    shell.screen.out(JSON.stringify({ error: { code, lines } }));
  }
  return code;
}

function troubleOf(error: unknown, given: Given): Trouble {
  if (error instanceof UsageFault) return { code: EXIT.wrongUse, lines: error.faults };
  if (error instanceof CommandFailure) return { code: EXIT.failure, lines: error.lines };
  if (error instanceof StartRefused) return { code: error.exitCode, lines: [error.message] };
  if (error instanceof CommanderError) {
    return { code: EXIT.wrongUse, lines: [commanderLine(error, given)] };
  }
  if (error instanceof Error && error.name === SAYS_WHAT_TO_DO) {
    return { code: EXIT.failure, lines: [error.message] };
  }
  const hint = given.words.includes('--debug') ? '' : '; --debug shows where';
  return { code: EXIT.failure, lines: [`${firstLineOf(error)}${hint}`] };
}

/** By this code commander says that a group was named, and none of its commands. */
const GROUP_ALONE = 'commander.help';

function commanderLine(error: CommanderError, { words, program }: Given): string {
  const command = commandNamed(program, words);
  const first = error.message.split('\n')[0] ?? '';
  const message =
    error.code === GROUP_ALONE
      ? `expected one of ${command.commands.map((one) => one.name()).join(', ')}, found none`
      : first.replace(/^error: /, '').replace(/\.$/, '');
  return `${message}; see "npx ordinis ${pathOf(command, program)}--help"`;
}

/** The command that the words name, as far as they name one. */
function commandNamed(program: Command, words: readonly string[]): Command {
  const [word, ...rest] = words;
  const found = program.commands.find((command) => command.name() === word);
  return found === undefined ? program : commandNamed(found, rest);
}

/** `order show `; empty for the program itself. */
function pathOf(command: Command, program: Command): string {
  if (command === program) return '';
  return `${pathOf(command.parent ?? program, program)}${command.name()} `;
}

function print(out: (line: string) => void): (text: string) => void {
  return (text) => {
    for (const line of text.replace(/\n$/, '').split('\n')) out(line);
  };
}
