import type { CommonFlags, Shell } from './shell.js';

/** What a command found: lines for people, one JSON value for programs. */
export interface Answer {
  readonly lines: readonly string[];
  readonly json: unknown;
}

/** Prints an answer. With `--json` the JSON value is the last and only line of standard output. */
export function printAnswer(shell: Shell, flags: CommonFlags, answer: Answer): void {
  if (flags.json === true) {
    shell.screen.out(JSON.stringify(answer.json));
    return;
  }
  for (const line of answer.lines) shell.screen.out(line);
}

/** A line about the progress: with `--json` it goes to standard error, out of a program's way. */
export function printProgress(shell: Shell, flags: CommonFlags, line: string): void {
  if (flags.json === true) shell.screen.err(line);
  else shell.screen.out(line);
}
