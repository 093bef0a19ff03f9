import type { Screen } from './shell.js';

type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
};

export interface TerminalScreen extends Screen {
  /** Whether something that was printed went nowhere, for want of room. */
  readonly hasLostLines: boolean;
}

/** What a file says that cannot take more: its disk, or its owner's share of it, is full. */
const FULL = ['ENOSPC', 'EDQUOT'];

/**
 * The screen over two streams. Nothing about them ends a run that trades: whoever reads us may go
 * away (`| head`), and a file that we are written to may lie on a full disk, which standard error
 * is told once.
 */
export function terminalScreen(stdout: Output, stderr: Output): TerminalScreen {
  let hasLostLines = false;
  const survive = (error: Error): void => {
    const code = 'code' in error ? String(error.code) : '';
    if (code === 'EPIPE') return;
    if (!FULL.includes(code)) throw error;
    if (hasLostLines) return;
    hasLostLines = true;
    stderr.write(`ordinis: expected room for what is printed, found ${error.message}; make room\n`);
  };
  stdout.on('error', survive);
  stderr.on('error', survive);
  return {
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    isTerminal: stdout.isTTY === true,
    get columns() {
      return stdout.columns ?? 80;
    },
    get hasLostLines() {
      return hasLostLines;
    },
  };
}
