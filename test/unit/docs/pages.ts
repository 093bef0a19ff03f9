import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../support/repository.js';

/** A page for people. */
export interface Page {
  /** Its path inside the repository. */
  readonly path: string;
  readonly text: string;
}

const SINGLE_PAGES = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'data/README.md',
  'deploy/README.md',
] as const;

/** Every page of the repository. */
export function pages(): readonly Page[] {
  const inDocs = readdirSync(join(repositoryRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name));
  return [...SINGLE_PAGES, ...inDocs.sort()].map((path) => ({
    path,
    text: readFileSync(join(repositoryRoot, path), 'utf8'),
  }));
}

/** What stands between single backticks, outside of fenced blocks. */
export function inlineCode(prose: string): readonly string[] {
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));
}
