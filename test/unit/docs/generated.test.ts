import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ORDER_STATES, TRANSITION_EVENTS } from '../../../domain/order/index.js';
import { GENERATED_PAGES } from '../../../tools/docs/pages.js';
import { stateDiagram } from '../../../tools/docs/state-diagram.js';
import { repositoryRoot } from '../../support/repository.js';

describe('generated documents', () => {
  it.each(GENERATED_PAGES)('$path → as the code says', ({ path, text }) => {
    const found = readFileSync(join(repositoryRoot, path), 'utf8');
    expect(found === text(), `${path} is not what the code says: run "npm run docs"`).toBe(true);
  });

  it('order states: every state has a section that names every event once', () => {
    const text = GENERATED_PAGES[0]?.text() ?? '';
    for (const state of ORDER_STATES) {
      const section = text.split(`### \`${state}\`\n`)[1]?.split('\n##')[0] ?? '';
      const events = [...section.matchAll(/`(\w+)`(?=[^|]*\|[^|]*\|[^|]*\|\n?)/g)];
      const named = events.map(([, event]) => event).filter((event) => isEvent(event));
      expect(new Set(named).size, state).toBe(TRANSITION_EVENTS.length);
    }
  });

  it('diagram: every state stands in one group and every arrow joins known ends', () => {
    const lines = stateDiagram();
    const groups = lines.flatMap((line) => /^ {2}state (\w+) \{$/.exec(line)?.[1] ?? []);
    const states = lines.flatMap((line) => /^ {4}(\w+)$/.exec(line)?.[1] ?? []);
    expect(states.toSorted()).toEqual([...ORDER_STATES].toSorted());
    const arrows = lines.flatMap((line) => {
      const [, from, to] = /^ {2}(\w+) --> (\w+) : /.exec(line) ?? [];
      return from === undefined || to === undefined ? [] : [{ from, to }];
    });
    expect(arrows.length).toBeGreaterThan(20);
    const ends = new Set([...states, ...groups]);
    expect(arrows.filter(({ from, to }) => !ends.has(from) || !ends.has(to))).toEqual([]);
  });
});

function isEvent(word: string | undefined): boolean {
  return (TRANSITION_EVENTS as readonly (string | undefined)[]).includes(word);
}
