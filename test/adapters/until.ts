import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;

/** Waits for a condition that something outside brings about, and names it when it never comes. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const endsAtMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > endsAtMs) throw new Error(`expected within 10 s: ${what}`);
    await pause(5);
  }
}
