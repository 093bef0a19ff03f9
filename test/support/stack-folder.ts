import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findTemporal } from '../../tools/setup/find-temporal.mjs';
import { killProcessesOf } from './own-processes.js';
import { repositoryRoot } from './repository.js';
import { wireFaults } from './wire-samples.js';

/** How a command ended, and everything it said. */
export interface CommandEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly complaints: readonly string[];
}

/** A command that runs. */
export interface RunningCommand {
  readonly pid: number;
  /** What it has said on standard output until now. */
  readonly lines: readonly string[];
  readonly ended: Promise<CommandEnd>;
  /**
   * The next line of standard output that fits, counted from the last one that was waited for;
   * throws with everything that was said when the command ends first.
   */
  untilLine(pattern: RegExp): Promise<string>;
  signal(signal: NodeJS.Signals): void;
}

type Environment = Readonly<Record<string, string>>;

/** A temporary data folder, and the real command on it. */
export interface StackFolder {
  readonly dataDirectory: string;
  /** What its commands find in their environment. */
  readonly environment: Environment;
  /** Where the exchanges of its commands leave samples of what they say. */
  readonly samplesFolder: string;
  /** Runs `ordinis ARGUMENTS --data-dir FOLDER` from the built program. */
  launch(args: readonly string[], environment?: Environment): RunningCommand;
  /** The same, to its end. */
  run(args: readonly string[], environment?: Environment): Promise<CommandEnd>;
  /** Kills what still runs on the folder, all at once. */
  killAll(): Promise<void>;
  /**
   * Kills what still runs on the folder and removes it. Throws when an exchange has said what the
   * broker's documents do not allow.
   */
  remove(): Promise<void>;
}

/** Apart from the ports that people use, and from those of other test files. */
const PORT = 31_000 + (process.pid % 3_000) * 4;

/** Makes a data folder that does not exist yet inside a temporary one. */
export async function openStackFolder(name: string): Promise<StackFolder> {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), `ordinis-${name}-`)));
  const dataDirectory = join(parent, 'data');
  const samplesFolder = join(parent, 'wire-samples');
  const environment = {
    ...(await stackEnvironment()),
    ORDINIS_EXCHANGE_SAMPLES: samplesFolder,
  };
  const launch = (args: readonly string[], over: Environment = {}): RunningCommand =>
    launchCommand([...args, '--data-dir', dataDirectory], { ...environment, ...over });
  return {
    dataDirectory,
    environment,
    samplesFolder,
    launch,
    run: (args, over) => launch(args, over).ended,
    killAll: async () => {
      await killProcessesOf(parent);
    },
    remove: async () => {
      await killProcessesOf(parent);
      const faults = wireFaults(samplesFolder);
      rmSync(parent, { recursive: true, force: true });
      if (faults.length > 0)
        throw new Error(`expected a documented wire, found:\n${faults.join('\n')}`);
    },
  };
}

/** The environment of a person with nothing set, but with ports of our own. */
export async function stackEnvironment(): Promise<Environment> {
  const temporal = await findTemporal();
  if (temporal === undefined || !('binary' in temporal)) {
    throw new Error('expected a Temporal CLI for the tests, found none; run "npm run setup"');
  }
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    ORDINIS_TEMPORAL_BIN: temporal.binary,
    ORDINIS_TEMPORAL_PORT: String(PORT),
    ORDINIS_UI_PORT: String(PORT + 2),
  };
}

function launchCommand(args: readonly string[], environment: Environment): RunningCommand {
  const main = join(repositoryRoot, 'dist', 'cli', 'main.js');
  if (!existsSync(main)) {
    throw new Error(`expected the built program at ${main}, found none; run "npm run build"`);
  }
  // A group of its own, as a shell gives it, so that a signal to the tests does not reach it.
  const child = spawn(process.execPath, [main, ...args], {
    cwd: repositoryRoot,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return follow(child, args);
}

/** Follows a child process line by line. */
export function follow(child: ChildProcess, name: readonly string[]): RunningCommand {
  const lines: string[] = [];
  const complaints: string[] = [];
  const { stdout, stderr, pid } = child;
  if (stdout === null || stderr === null || pid === undefined) {
    throw new Error(`expected ${name.join(' ')} to run with pipes, found that it did not`);
  }
  let seen = 0;
  let end: CommandEnd | null = null;
  let wake = (): void => undefined;
  createInterface({ input: stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  createInterface({ input: stderr }).on('line', (line) => complaints.push(line));
  const ended = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      end = { code, signal, lines, complaints };
      wake();
      resolve(end);
    });
  });
  const untilLine = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const at = lines.findIndex((line, index) => index >= seen && pattern.test(line));
      if (at >= 0) {
        seen = at + 1;
        return lines[at] ?? '';
      }
      if (end !== null) throw new Error(`expected a line ${pattern}, found:\n${told(end)}`);
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { pid, lines, ended, untilLine, signal: (signal) => void child.kill(signal) };
}

/** Everything that a command said, for a failed expectation. */
export function told({ code, signal, lines, complaints }: CommandEnd): string {
  const tail = lines.slice(-30);
  return [`exit code ${code}, signal ${signal}`, ...tail, '-- errors:', ...complaints].join('\n');
}
