import { randomInt } from 'node:crypto';
import { BadArguments, readOptions, USAGE } from './options.js';
import { playChaos } from './play.js';
import { printedReport } from './report.js';

const SEEDS = 1_000_000;
const PHASE_MS = 60_000;

/** `npm run chaos`: exit code 1 when the checker has found anything, 2 for wrong use. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args, randomInt(SEEDS));
    if (options === null) {
      process.stdout.write(USAGE);
      return 0;
    }
    const { minutes, seed, isJson } = options;
    const say = (line: string): void => void process.stderr.write(`chaos: ${line}\n`);
    say(`seed ${seed}`);
    const durationMs = minutes * 60_000;
    const result = await playChaos({ seed, durationMs, phaseMs: PHASE_MS, say });
    const text = isJson ? JSON.stringify(result) : printedReport(result, minutes);
    process.stdout.write(`${text}\n`);
    return result.violations.length === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof BadArguments)) throw error;
    process.stderr.write(`chaos: ${error.message}\n`);
    return 2;
  }
}
