import { Visitor } from 'oxc-parser';
import { lineOf, parseSource, type SourceFile } from './sources.js';

/** Folders whose code gives the same answer to the same question, also next year. */
const PURE_FOLDERS = ['domain/', 'strategies/', 'workflows/', 'exchange/matching/'] as const;

/** Folders that may read the environment: the loader, tests, and what runs before anything else. */
const ENVIRONMENT_READERS = ['config/', 'test/', 'tools/', 'bench/', 'vitest.config.ts'] as const;

const TAKE_THE_INSTANT = 'take the instant as a parameter (nowAtMs)';
const DERIVE_IT = 'derive it from the input, or take a seeded generator as a parameter';

/** What pure code may not name, and what it does instead. */
const REPLACEMENTS: ReadonlyMap<string, string> = new Map([
  ['Date.now', TAKE_THE_INSTANT],
  ['performance.now', TAKE_THE_INSTANT],
  ['Math.random', DERIVE_IT],
  ['crypto.randomUUID', DERIVE_IT],
]);

const READ_CONFIG = 'only config/ reads the environment: take the value from the loaded config';

/** Uses of clocks, chance and the environment where the folder forbids them. */
export function bannedIdentifiers(file: SourceFile): readonly string[] {
  const pure = PURE_FOLDERS.some((folder) => file.path.startsWith(folder));
  const readsEnvironment = ENVIRONMENT_READERS.some((start) => file.path.startsWith(start));
  const found: string[] = [];
  const report = (offset: number, what: string, instead: string): void => {
    found.push(`${file.path}:${lineOf(file, offset)} uses ${what}: ${instead}`);
  };
  new Visitor({
    MemberExpression(node) {
      const name = memberName(node);
      if (name === undefined) {
        return;
      }
      const replacement = REPLACEMENTS.get(name);
      if (pure && replacement !== undefined) {
        report(node.start, name, replacement);
      }
      if (name === 'process.env' && !readsEnvironment) {
        report(node.start, name, READ_CONFIG);
      }
    },
    NewExpression(node) {
      if (pure && isDate(node.callee) && node.arguments.length === 0) {
        report(node.start, 'new Date()', TAKE_THE_INSTANT);
      }
    },
    CallExpression(node) {
      if (pure && isDate(node.callee)) {
        report(node.start, 'Date()', TAKE_THE_INSTANT);
      }
    },
  }).visit(parseSource(file));
  return found;
}

interface Named {
  readonly type: string;
  readonly name?: unknown;
  readonly value?: unknown;
}

/** "Date.now" for `Date.now`, `Date['now']` and `globalThis.Date.now`. */
function memberName(node: {
  readonly object: Named;
  readonly property: Named;
}): string | undefined {
  const owner = ownName(node.object);
  const member = node.property.name ?? node.property.value;
  return owner === undefined || typeof member !== 'string' ? undefined : `${owner}.${member}`;
}

function ownName(node: Named & { readonly property?: Named }): string | undefined {
  const name = node.type === 'MemberExpression' ? node.property?.name : node.name;
  return typeof name === 'string' ? name : undefined;
}

function isDate(node: Named): boolean {
  return node.type === 'Identifier' && node.name === 'Date';
}
