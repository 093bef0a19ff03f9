import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/repository.js';

export interface ModelField {
  readonly name: string;
  readonly column: string;
  readonly type: 'String' | 'BigInt' | 'Int' | 'Boolean';
  readonly optional: boolean;
}

export interface Model {
  readonly table: string;
  readonly fields: readonly ModelField[];
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** Column lists, as "a, b". */
  readonly uniques: readonly string[];
  readonly indexes: readonly string[];
}

const FIELD = /^ {2}(\w+)\s+(String|BigInt|Int|Boolean)(\?)?(.*)$/gm;

/** The Prisma models as the files say them. */
export function readModels(): readonly Model[] {
  const folder = join(repositoryRoot, 'prisma', 'models');
  return readdirSync(folder).flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    return [...text.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)].map(([, body]) =>
      modelOf(body ?? ''),
    );
  });
}

function modelOf(body: string): Model {
  const lines = [...body.matchAll(FIELD)];
  const fields = lines.map(([, name = '', type, optional, rest = '']) => ({
    name,
    column: /@map\("(\w+)"\)/.exec(rest)?.[1] ?? name,
    type: fieldType(type),
    optional: optional === '?',
  }));
  const columnOf = new Map(fields.map((field) => [field.name, field.column]));
  const lists = (kind: string): readonly string[] =>
    [...body.matchAll(new RegExp(`@@${kind}\\(\\[(.*)\\]\\)`, 'g'))].map(([, names = '']) =>
      names
        .split(', ')
        .map((name) => columnOf.get(name) ?? '')
        .join(', '),
    );
  const own = lines.filter(([, , , , rest = '']) => / @id\b/.test(` ${rest}`));
  return {
    table: /@@map\("(\w+)"\)/.exec(body)?.[1] ?? '',
    fields,
    key: own.length > 0 ? own.map(([, name = '']) => name) : (lists('id')[0] ?? '').split(', '),
    uniques: lists('unique'),
    indexes: lists('index'),
  };
}

function fieldType(text: string | undefined): ModelField['type'] {
  if (text === 'String' || text === 'BigInt' || text === 'Int' || text === 'Boolean') return text;
  throw new Error(`expected a type of the books, found ${text}`);
}
