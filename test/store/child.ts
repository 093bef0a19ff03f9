import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '../support/repository.js';

/** Another process that runs a TypeScript file of `children/` and talks in lines. */
export interface Child {
  readonly pid: number;
  /** The next line that it writes. */
  line(): Promise<string>;
  /** Ends it as a power cut would: nothing of it runs any more. */
  kill(): Promise<void>;
  /** Closes its input, which each child takes as the wish to end. */
  end(): Promise<void>;
}

const RUN = `import { runnerImport } from 'vite';
await runnerImport(process.argv[1], { configFile: false });`;

/** Starts `children/<name>.ts`; its arguments begin at `process.argv[2]`. */
export function startChild(name: string, ...parameters: readonly string[]): Child {
  const file = fileURLToPath(new URL(`./children/${name}.ts`, import.meta.url));
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    ['--input-type=module', '-e', RUN, '--', file, ...parameters],
    { cwd: repositoryRoot, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next();
      if (next.done === true) throw new Error(`expected a line of ${name}, found its end`);
      return next.value;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    end: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
