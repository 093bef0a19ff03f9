import type { ChaosResult } from './play.js';

function named(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** What came of it, for people; with a violation, everything that it takes to look into it. */
export function printedReport(result: ChaosResult, minutes: number): string {
  const { seed, violations, deeds, folder } = result;
  const figures = [
    `chaos: seed ${seed}, ${minutes} minutes, ${result.phases} phases`,
    `kills: ${named(result.kills)}; ended by itself: ${result.selfEnds}`,
    `faults: ${named(result.faults)}`,
    `orders: ${result.orders}, fills: ${result.fills}`,
    `violations: ${violations.length}`,
  ];
  if (violations.length === 0) return figures.join('\n');
  return [
    ...figures,
    ...violations.map((violation) => `- ${violation}`),
    'what was done (the deeds are the seed’s, the instants are the machine’s):',
    ...deeds.map((deed) => `  ${deed}`),
    `the run is kept in ${folder}`,
    `repeat it: npm run chaos -- --minutes ${minutes} --seed ${seed}`,
  ].join('\n');
}
