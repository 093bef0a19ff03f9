import { spawn } from 'node:child_process';

/** How a command ended and everything that it said. */
export interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Runs a script of Node's in a folder; one that hangs is ended. */
export function run(folder: string, args: readonly string[], msMax: number): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], {
      cwd: folder,
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: msMax,
    });
    let text = '';
    const keep = (chunk: Buffer): void => void (text += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

/** What a test run of its own needs: nothing of the run that may be around us. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { PATH, HOME, TMPDIR, CI: '1' };
}
