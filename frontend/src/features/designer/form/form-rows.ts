// The fields of a form as lines, those of groups below their group.

import type { JsonObject } from '@/shared/graph/types';

import { formFields, holderIn, schemaAt, type FormField, type Inside } from '../model/form-schema';

export interface FormRow {
  /** Where its schema is. */
  path: Inside;
  /** The object whose field it is. */
  owner: Inside;
  field: FormField;
  depth: number;
  index: number;
  count: number;
}

const MOST_LEVELS = 8;

export function formRows(schema: JsonObject, at: Inside = [], depth = 0): FormRow[] {
  const owner = schemaAt(schema, at);
  if (owner === undefined || depth > MOST_LEVELS) return [];
  const fields = formFields(owner);
  return fields.flatMap((field, index) => {
    const path = [...at, 'properties', field.name];
    const holder = holderIn(field);
    const row: FormRow = { path, owner: at, field, depth, index, count: fields.length };
    return holder === undefined ? [row] : [row, ...formRows(schema, [...path, ...holder], depth + 1)];
  });
}

/** The line that a JSON pointer inside the schema leads to, or into. */
export function rowAt(rows: readonly FormRow[], pointer: string): FormRow | undefined {
  const whole = (row: FormRow): string => row.path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return rows.filter((row) => pointer === whole(row) || pointer.startsWith(`${whole(row)}/`)).at(-1);
}
