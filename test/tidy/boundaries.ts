import { posix } from 'node:path';
import { Visitor } from 'oxc-parser';
import { BOUNDARY_RULES, UNBOUNDED_FOLDERS, type BoundaryRule } from './boundary-rules.js';
import { lineOf, parseSource, type SourceFile } from './sources.js';

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly offset: number;
}

/** Imports of a file that the folder table forbids, each with the reason of the broken row. */
export function boundaryViolations(file: SourceFile): readonly string[] {
  if (UNBOUNDED_FOLDERS.some((start) => file.path.startsWith(start))) {
    return [];
  }
  const rule = BOUNDARY_RULES.find(({ from }) => file.path.startsWith(from));
  if (rule === undefined) {
    return [
      `${file.path} lies in no folder of the table: add a row to test/tidy/boundary-rules.ts`,
    ];
  }
  return importsOf(file).flatMap((imported) => {
    const target = targetOf(file, imported.specifier);
    if (isAllowed(rule, target, imported.typeOnly)) {
      return [];
    }
    const what = imported.typeOnly ? 'the types of' : 'values from';
    const where = `${file.path}:${lineOf(file, imported.offset)}`;
    return [`${where} imports ${what} ${target}: ${rule.why}`];
  });
}

function isAllowed(rule: BoundaryRule, target: string, typeOnly: boolean): boolean {
  const allowed = [rule.from, ...rule.values, ...(typeOnly ? rule.types : [])];
  return allowed.some((entry) => matches(entry, target));
}

function matches(entry: string, target: string): boolean {
  if (entry.endsWith('*')) {
    return target.startsWith(entry.slice(0, -1));
  }
  // "adapters/store/port" means port.ts or the folder port/, but not portfolio.ts.
  const isPath = entry.includes('/') && !entry.startsWith('@');
  return isPath && !entry.endsWith('/')
    ? target.startsWith(`${entry}/`) || target.startsWith(`${entry}.`)
    : target === entry || (entry.endsWith('/') && target.startsWith(entry));
}

/** A path from the root for a file of ours, otherwise the name of the package. */
function targetOf(file: SourceFile, specifier: string): string {
  if (specifier.startsWith('.')) {
    return posix.join(posix.dirname(file.path), specifier);
  }
  if (specifier.startsWith('node:')) {
    return specifier;
  }
  const [first = specifier, second] = specifier.split('/');
  return first.startsWith('@') && second !== undefined ? `${first}/${second}` : first;
}

/** Every import, re-export, dynamic import and `import('…')` type of a file. */
export function importsOf(file: SourceFile): readonly Import[] {
  const found: Import[] = [];
  const add = (
    source: { readonly value?: unknown } | null,
    at: number,
    typeOnly: boolean,
  ): void => {
    if (source === null) {
      return;
    }
    // What is computed while running cannot be checked here, so it fits no row.
    const specifier = typeof source.value === 'string' ? source.value : 'a computed path';
    found.push({ specifier, typeOnly, offset: at });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.start, node.importKind === 'type'),
    ExportNamedDeclaration: (node) => add(node.source, node.start, node.exportKind === 'type'),
    ExportAllDeclaration: (node) => add(node.source, node.start, node.exportKind === 'type'),
    ImportExpression: (node) => add(literal(node.source), node.start, false),
    TSImportType: (node) => add(node.source, node.start, true),
  }).visit(parseSource(file));
  return found;
}

function literal(node: { readonly type: string; readonly value?: unknown }): {
  readonly value?: unknown;
} {
  return node.type === 'Literal' ? { value: node.value } : {};
}
