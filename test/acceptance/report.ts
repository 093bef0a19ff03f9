import type { BrokerName } from './card.js';
import type { CardResult } from './run-cards.js';

export interface AcceptanceReport {
  readonly broker: BrokerName;
  readonly account: string;
  readonly startedAt: string;
  readonly results: readonly CardResult[];
}

export function lineOf({ card, outcome, why, seconds }: CardResult): string {
  const number = String(card.number).padStart(2, '0');
  const reason = why === null ? '' : `: ${why}`;
  return `card ${number} ${outcome.padEnd(7)} ${card.title}${reason} [${seconds.toFixed(1)} s]`;
}

export function countsOf(results: readonly CardResult[]): string {
  const count = (outcome: CardResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`;
}

/** The report for people. */
export function markdownReport(report: AcceptanceReport): string {
  const { broker, account, startedAt, results } = report;
  return [
    `# Acceptance at ${broker}`,
    '',
    `Account ${account}, ${startedAt}: ${countsOf(results)}.`,
    '',
    ...results.flatMap(cardLines),
  ].join('\n');
}

function cardLines({ card, outcome, why, seen, seconds }: CardResult): readonly string[] {
  return [
    `## Card ${card.number}: ${card.title}: ${outcome}`,
    '',
    `${card.purpose} (${seconds.toFixed(1)} s)`,
    '',
    `- steps: ${card.steps.join(' ')}`,
    `- must be seen: ${card.expected.join('; ')}`,
    `- skipped when: ${card.skipWhen}`,
    ...(why === null ? [] : [`- ${outcome} because: ${why}`]),
    ...seen.map((one) => `- seen: ${one}`),
    '',
  ];
}

/** The same as one object for machines. */
export function jsonReport(report: AcceptanceReport): string {
  const results = report.results.map(({ card, seconds, ...result }) => ({
    number: card.number,
    title: card.title,
    seconds: Number(seconds.toFixed(1)),
    ...result,
  }));
  return JSON.stringify({ ...report, results, counts: countsOf(report.results) });
}
