import { describe, expect, it } from 'vitest';
import { type Deed, describeDeed, drawDeeds } from '../chaos/deeds.js';
import { readOptions } from '../chaos/options.js';
import { playChaos } from '../chaos/play.js';
import { printedReport } from '../chaos/report.js';

// The short form of `npm run chaos`.

const SEED = Number(process.env['ORDINIS_TEST_SEED'] ?? 4);
const DURATION_MS = 20_000;

function first(seed: number, count: number): readonly Deed[] {
  const next = drawDeeds(seed);
  return Array.from({ length: count }, next);
}

describe('chaos', () => {
  it('deeds: the same for the same seed, others for another', () => {
    expect(first(7, 50)).toEqual(first(7, 50));
    expect(first(7, 50)).not.toEqual(first(8, 50));
    const told = first(7, 500).map(describeDeed);
    for (const deed of ['kill ordinis', 'kill temporal', 'kill exchange', 'fault: lost answer']) {
      expect(told).toContain(deed);
    }
  });

  it('readOptions: what makes no sense → refused; nothing → five minutes of a drawn seed', () => {
    expect(readOptions([], 12)).toEqual({ minutes: 5, seed: 12, isJson: false });
    expect(() => readOptions(['--minutes', '0'], 1)).toThrow('--minutes');
    expect(() => readOptions(['--seed', 'x'], 1)).toThrow('--seed');
    expect(() => readOptions(['--sead', '1'], 1)).toThrow('--help');
  });

  it('the report of a failure: the seed, the deeds, the folder and how to repeat it', () => {
    const figures = { kills: { ordinis: 2 }, faults: {}, selfEnds: 0, orders: 3, fills: 2 };
    const failed = { violations: ['I1: doubled'], deeds: ['kill ordinis'], folder: 'kept' };
    const text = printedReport({ seed: 9, phases: 1, ...figures, ...failed }, 2);
    for (const part of ['I1: doubled', 'kill ordinis', 'kept', '--minutes 2 --seed 9']) {
      expect(text).toContain(part);
    }
  });

  it(`seed ${SEED}: killed and lied to for a while → nothing is violated`, async () => {
    const lines: string[] = [];
    const result = await playChaos({
      seed: SEED,
      durationMs: DURATION_MS,
      phaseMs: DURATION_MS,
      say: (line) => lines.push(line),
    });
    expect(result.violations, printedReport(result, 1)).toEqual([]);
    expect(Object.keys(result.kills).length, lines.join('\n')).toBeGreaterThan(0);
    expect(result.orders).toBeGreaterThan(0);
    expect(result.fills).toBeGreaterThan(0);
  }, 900_000);
});
