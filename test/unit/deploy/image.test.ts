import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Visitor } from 'oxc-parser';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/repository.js';
import { importsOf } from '../../tidy/boundaries.js';
import { parseSource, type SourceFile } from '../../tidy/sources.js';
import { type Compiled, setupModule } from '../setup/setup-modules.js';

const { buildOutputs } = await setupModule<Compiled>('steps/compiled.mjs');

/** Finds the folder of package.json, which the image has, and no file of the sources. */
const FINDS_PACKAGE = 'cli/main.ts';
/** What the database client's generator writes there is not read by Node. */
const GENERATED = 'prisma/generated/';

/** What a module needs when it runs. */
interface Needs {
  /** Modules of ours and files that it reads or starts, as they are written; or a folder. */
  readonly beside: readonly string[];
  readonly packages: readonly string[];
  /** How often it uses its own place in a way that nobody can follow here. */
  readonly untraced: number;
}

function needsOf(file: SourceFile): Needs {
  const imports = importsOf(file)
    .filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith('node:'))
    .map(({ specifier }) => specifier);
  const { paths, untraced } = pathsOf(file);
  return {
    beside: [...imports.filter((specifier) => specifier.startsWith('.')), ...paths],
    packages: imports.filter((specifier) => !specifier.startsWith('.')).map(packageOf),
    untraced,
  };
}

/** The paths of `new URL('./path', import.meta.url)`. */
function pathsOf(file: SourceFile): { readonly paths: string[]; readonly untraced: number } {
  const paths: string[] = [];
  let places = 0;
  new Visitor({
    MetaProperty: () => {
      places += 1;
    },
    NewExpression: ({ arguments: [to, from] }) => {
      if (from === undefined || file.text.slice(from.start, from.end) !== 'import.meta.url') return;
      if (to?.type === 'Literal' && typeof to.value === 'string') paths.push(to.value);
      if (to?.type === 'TemplateLiteral') paths.push(to.quasis[0]?.value.cooked ?? '');
    },
  }).visit(parseSource(file));
  return { paths, untraced: places - paths.length };
}

function packageOf(specifier: string): string {
  const parts = specifier.startsWith('@') ? 2 : 1;
  return specifier.split('/').slice(0, parts).join('/');
}

/** What the program needs from a module on, and what of it is missing. */
function reach(entry: string, sourceOf: ReadonlyMap<string, SourceFile | null>) {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const faults: string[] = [];
  const visit = (output: string): void => {
    if (seen.has(output)) return;
    seen.add(output);
    const file = sourceOf.get(output) ?? null;
    if (file === null || !/\.(ts|mjs)$/.test(file.path)) return;
    const { beside, untraced, ...needs } = needsOf(file);
    for (const name of needs.packages) packages.add(name);
    const isExcused = file.path === FINDS_PACKAGE || file.path.startsWith(GENERATED);
    if (untraced > 0 && !isExcused) faults.push(`${file.path} finds files by its own place`);
    for (const path of beside) {
      const target = join(dirname(output), path);
      const found = [...sourceOf.keys()].filter(
        (one) => one === target || (target.endsWith('/') && one.startsWith(target)),
      );
      if (found.length === 0) faults.push(`${file.path} needs ${path}, which no build makes`);
      for (const one of found) visit(one);
    }
  };
  visit(entry);
  return { seen: [...seen], packages: [...packages], faults };
}

function builtFiles(): ReadonlyMap<string, SourceFile | null> {
  const inside = (path: string): string => relative(repositoryRoot, path);
  return new Map(
    buildOutputs().map(({ output, source }) => [
      inside(output),
      source === null ? null : { path: inside(source), text: readFileSync(source, 'utf8') },
    ]),
  );
}

const dockerfile = readFileSync(join(repositoryRoot, 'deploy', 'Dockerfile'), 'utf8');
const copied = [...dockerfile.matchAll(/^COPY --from=build \/ordinis\/(\S+) /gm)].map(
  ([, path = '']) => path,
);

describe('the image', () => {
  const entry = /^ENTRYPOINT .*"([^"]+)"\]$/m.exec(dockerfile)?.[1] ?? '';
  const { seen, packages, faults } = reach(entry, builtFiles());

  it('whatever the program loads, starts or reads → is made by the build', () => {
    expect(faults).toEqual([]);
    expect(seen).toEqual(
      expect.arrayContaining([
        'dist/workers/exchange-main.js',
        'dist/workflow-bundle.js',
        'dist/adapters/store/prisma/database-task.mjs',
        'dist/prisma/migrations/sqlite/0001_books.sql',
      ]),
    );
  });

  it('whatever the program loads, starts or reads → is copied', () => {
    const isCopied = (path: string): boolean => copied.some((one) => path.startsWith(`${one}/`));
    expect(seen.filter((path) => !isCopied(path))).toEqual([]);
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'node_modules', 'dist']));
  });

  it('every package that it loads → stays when those for development are removed', () => {
    const text = readFileSync(join(repositoryRoot, 'package.json'), 'utf8');
    const { dependencies } = JSON.parse(text) as { readonly dependencies: object };
    expect(packages.filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
    expect(packages.length).toBeGreaterThan(5);
  });
});

describe('what a program needs', () => {
  const program = (text: string) =>
    reach(
      'dist/a/main.js',
      new Map([
        ['dist/a/main.js', { path: 'a/main.ts', text }],
        ['dist/a/task.mjs', { path: 'a/task.mjs', text: "import 'zod';" }],
        ['dist/b/one.sql', { path: 'b/one.sql', text: '' }],
      ]),
    );

  it('a script that it starts → and what that loads', () => {
    const { seen, packages } = program("spawn(new URL('./task.mjs', import.meta.url));");
    expect(seen).toEqual(['dist/a/main.js', 'dist/a/task.mjs']);
    expect(packages).toEqual(['zod']);
  });

  it('a folder that it reads → every file in it', () => {
    expect(program('read(new URL(`../b/${name}`, import.meta.url));').seen).toContain(
      'dist/b/one.sql',
    );
  });

  it.each([
    ["spawn(new URL('./other.mjs', import.meta.url));", 'which no build makes'],
    ["import { x } from './other.js';", 'which no build makes'],
    ["spawn(join(dirname(import.meta.url), 'task.mjs'));", 'finds files by its own place'],
  ])('%s → %s', (text, fault) => {
    expect(program(text).faults).toEqual([expect.stringContaining(fault)]);
  });
});
