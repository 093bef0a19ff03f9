import type { SqlValue } from './client.js';
import { assert } from '../../../domain/values/index.js';

const columnNames = new Map<string, string>();

/** The column of a field: the models map every `fieldName` to `field_name`. */
export function columnName(field: string): string {
  const known = columnNames.get(field);
  if (known !== undefined) return known;
  const name = field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  columnNames.set(field, name);
  return name;
}

/** `"one", "two"` */
export function quotedColumns(fields: readonly string[]): string {
  return fields.map((field) => `"${columnName(field)}"`).join(', ');
}

/** `(?, ?, ?)` */
export function marks(count: number): string {
  return `(${Array.from({ length: count }, () => '?').join(', ')})`;
}

/** What a model's field holds, as the driver takes it. */
export function sqlValue(value: unknown): SqlValue {
  if (value === null) return null;
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default:
      assert(false, `expected a value that a column can hold, found ${typeof value}`);
  }
}

/** Fields and what they hold: a value, null, or one of several values. */
export type Condition<Model> = {
  readonly [Field in keyof Model]?: Model[Field] | readonly Model[Field][];
};

export interface ConditionText {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** A condition in SQL. */
export function conditionText<Model>(condition: Condition<Model>): ConditionText {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  for (const [field, value] of Object.entries<unknown>(condition)) {
    if (value === undefined) continue;
    const name = `"${columnName(field)}"`;
    if (value === null) parts.push(`${name} IS NULL`);
    else if (Array.isArray(value)) {
      parts.push(`${name} IN ${marks(value.length)}`);
      for (const one of value) values.push(sqlValue(one));
    } else {
      parts.push(`${name} = ?`);
      values.push(sqlValue(value));
    }
  }
  return { text: parts.join(' AND '), values };
}
