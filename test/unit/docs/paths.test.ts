import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proseOf } from '../../support/markdown-blocks.js';
import { repositoryRoot } from '../../support/repository.js';
import { inlineCode, pages } from './pages.js';

/** What a run writes, and what a reader is asked to write. */
const NOT_IN_GIT: readonly string[] = ['data/', 'deploy/ordinis.env'];
/** It names what a run writes, and nothing else. */
const RUNTIME_PAGE = 'data/README.md';
const PATH = /^(?:[\w.-]+\/)+[\w.-]*$/;

const folders = readdirSync(repositoryRoot, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `${entry.name}/`);

/** The paths that a page names in the hope that a reader finds them. */
function namedPaths(text: string): readonly string[] {
  return inlineCode(proseOf(text)).filter((code) => {
    if (!PATH.test(code) || NOT_IN_GIT.some((made) => code.startsWith(made))) return false;
    return code.endsWith('/') || folders.some((folder) => code.startsWith(folder));
  });
}

/** The targets of a page's links inside the repository, without what follows a `#`. */
function linkedPaths(text: string): readonly string[] {
  return [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.split('#')[0] ?? '')
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

const exists = (path: string): boolean => existsSync(join(repositoryRoot, path));

describe('paths in pages', () => {
  it.for(pages().filter(({ path }) => path !== RUNTIME_PAGE))(
    '$path: every path it names → exists',
    ({ text }) => {
      expect(namedPaths(text).filter((path) => !exists(path))).toEqual([]);
    },
  );

  it.for(pages())('$path: every file it links → exists', ({ path, text }) => {
    const missing = linkedPaths(text).filter(
      (target) => !exists(normalize(join(dirname(path), target))),
    );
    expect(missing).toEqual([]);
  });

  it('named paths: a folder, a file, runtime data, an id, words → what must exist', () => {
    const text = 'See `domain/` and `workers/start.ts`, not `data/x.db`, `a/b` or `or / and`.';
    expect(namedPaths(text)).toEqual(['domain/', 'workers/start.ts']);
  });

  it('named paths: a folder that is none → is found, to be missed', () => {
    expect(namedPaths('`nowhere/`').filter((path) => !exists(path))).toEqual(['nowhere/']);
  });

  it('linked paths: relative, with an anchor, and elsewhere → only those of ours', () => {
    const text = '[a](docs/a.md#b) [c](https://example.org) [d](#e)';
    expect(linkedPaths(text)).toEqual(['docs/a.md']);
  });
});
