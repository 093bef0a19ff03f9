import type { HaltView, ReleaseAnswer } from '../workflows/contract/kill-switch.js';
import { printAnswer, printProgress } from './answer.js';
import { existingDataDirectory, requireAliveRun } from './data-folder.js';
import { EXIT, UsageFault } from './failure.js';
import { Faults, readWholeNumber } from './flag-values.js';
import type { CommonFlags, Shell } from './shell.js';
import { counted } from './words.js';

export interface ResumeFlags extends CommonFlags {
  readonly by?: string;
  readonly reason?: string;
  readonly haltVersion?: string;
}

/**
 * `ordinis resume`: releases the halt that was shown, never another one. Refused, it says every
 * open condition and ends with exit code 1.
 */
export async function resumeCommand(shell: Shell, flags: ResumeFlags): Promise<number> {
  const { operator, reason, seenVersion } = readFlags(flags);
  const run = await requireAliveRun(shell, existingDataDirectory(shell, flags));
  const client = await (await shell.workers()).connectToRun(run);
  try {
    const view = await client.haltState();
    for (const line of haltLines(view)) printProgress(shell, flags, line);
    const haltVersion = seenVersion ?? view.haltVersion;
    const answer = await client.release({ operator, reason, haltVersion });
    printAnswer(shell, flags, { lines: answerLines(answer, operator), json: answer });
    return answer.released ? EXIT.fine : EXIT.failure;
  } finally {
    await client.close();
  }
}

/** The halt as it stands, one cause a line. */
export function haltLines(view: HaltView): readonly string[] {
  if (view.mode === 'none') return [`not halted (halt version ${view.haltVersion})`];
  return [
    `${view.mode} (halt version ${view.haltVersion})`,
    ...view.causes.map(
      ({ reason, triggeredBy, message, cancel }) =>
        `- ${reason} by ${triggeredBy}: ${message} (cancel: ${cancel})`,
    ),
  ];
}

function answerLines(answer: ReleaseAnswer, operator: string): readonly string[] {
  if (!answer.released) {
    return ['not released:', ...answer.conditions.map((condition) => `- ${condition}`)];
  }
  if (answer.causes.length === 0) return ['nothing was halted'];
  return [`released by ${operator}: ${counted(answer.causes.length, 'cause')}; trading goes on`];
}

function readFlags(flags: ResumeFlags): {
  readonly operator: string;
  readonly reason: string;
  readonly seenVersion: number | null;
} {
  const faults = new Faults();
  const operator = flags.by?.trim() ?? '';
  const reason = flags.reason?.trim() ?? '';
  if (operator === '') faults.add('expected --by NAME, found none; say who releases');
  if (reason === '') faults.add('expected --reason TEXT, found none; say why it is safe again');
  const range = { min: 0, max: Number.MAX_SAFE_INTEGER };
  const seenVersion =
    flags.haltVersion === undefined
      ? null
      : faults.take(readWholeNumber('--halt-version', flags.haltVersion, range));
  if (faults.lines.length > 0) throw new UsageFault(faults.lines);
  return { operator, reason, seenVersion };
}
