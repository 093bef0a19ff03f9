import { onInterrupt } from '../support/on-interrupt.js';
import { openStackFolder } from '../support/stack-folder.js';
import { checkWorkflowsOf, type Verdict, violationsOf } from '../support/stack-evidence.js';
import { type Deed, describeDeed, drawDeeds } from './deeds.js';
import { Victim } from './victim.js';

export interface ChaosOptions {
  readonly seed: number;
  /** How long deeds are done, in all phases together. */
  readonly durationMs: number;
  /** After so long the run is stopped and looked at. */
  readonly phaseMs: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly seed: number;
  readonly phases: number;
  readonly kills: Readonly<Record<string, number>>;
  /** Faults that really happened, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly selfEnds: number;
  readonly orders: number;
  readonly fills: number;
  readonly violations: readonly string[];
  /** What was done, in order: with it and the folder a failure is looked into. */
  readonly deeds: readonly string[];
  /** Kept when something was violated; null: removed. */
  readonly folder: string | null;
}

/** Does deeds to a run until the time is over, looking at it after each phase. */
export async function playChaos(options: ChaosOptions): Promise<ChaosResult> {
  const folder = await openStackFolder('chaos');
  const victim = new Victim(folder, options.say);
  const undo = onInterrupt(() => folder.remove());
  const story: Story = { deeds: [], violations: [], verdicts: [], phases: 0 };
  try {
    await playPhases(victim, options, story);
  } catch (error) {
    story.violations.push(error instanceof Error ? error.message : String(error));
  } finally {
    await victim.close();
    undo();
  }
  const isSound = story.violations.length === 0;
  if (isSound) await folder.remove();
  return resultOf(options, { victim, story, folder: isSound ? null : folder.dataDirectory });
}

interface Story {
  readonly deeds: string[];
  readonly violations: string[];
  /** Of the last look. */
  verdicts: readonly Verdict[];
  phases: number;
}

async function playPhases(victim: Victim, options: ChaosOptions, story: Story): Promise<void> {
  const next = drawDeeds(options.seed);
  const endsAtMs = performance.now() + options.durationMs;
  await victim.up();
  while (performance.now() < endsAtMs) {
    const phaseEndsAtMs = Math.min(endsAtMs, performance.now() + options.phaseMs);
    while (performance.now() < phaseEndsAtMs) await suffer(victim, next(), story);
    story.phases += 1;
    story.verdicts = await victim.verdicts();
    story.violations.push(...violationsOf(story.verdicts));
    options.say(`phase ${story.phases}: ${story.violations.length} violations`);
    if (story.violations.length > 0) return;
  }
  for (const { books } of story.verdicts.slice(-1)) {
    story.violations.push(...(await checkWorkflowsOf(victim.dataDirectory, books)));
  }
}

async function suffer(victim: Victim, deed: Deed, story: Story): Promise<void> {
  story.deeds.push(`after ${deed.afterMs} ms: ${describeDeed(deed)}`);
  await victim.suffer(deed);
}

function resultOf(
  { seed }: ChaosOptions,
  played: { readonly victim: Victim; readonly story: Story; readonly folder: string | null },
): ChaosResult {
  const { victim, story, folder } = played;
  const { verdicts, deeds, violations, phases } = story;
  const fired = verdicts.flatMap(({ journal }) => [...journal.firedFaults]);
  return {
    seed,
    phases,
    kills: Object.fromEntries(victim.kills),
    faults: countsOf(fired),
    selfEnds: victim.selfEnds,
    orders: verdicts.reduce((sum, { books }) => sum + books.orders.length, 0),
    fills: verdicts.reduce((sum, { books }) => sum + books.fills.length, 0),
    violations,
    deeds,
    folder,
  };
}

function countsOf(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}
