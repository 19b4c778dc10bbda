import { isFileRef } from '@/shared/api/file-ref';
import type { Json, JsonObject } from '@/shared/api/types';

/** More columns than a form has room for. */
const MOST = 8;

export function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isFileRef(value);
}

function isEmpty(value: Json | undefined): boolean {
  return value === undefined || value === null || value === '';
}

function isLeaf(value: Json): boolean {
  return typeof value !== 'object' || value === null || isFileRef(value);
}

/** The fields of an object that says something in each of them, undefined when it goes deeper. */
export function fieldsOf(value: Json): [string, Json][] | undefined {
  if (!isObject(value) || !Object.values(value).every(isLeaf)) return undefined;
  return Object.entries(value).filter(([, one]) => !isEmpty(one));
}

/** The columns in which a list of like objects is read, without those that are empty throughout; undefined when it is no such list. */
export function columnsOf(value: Json): string[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const columns = new Set<string>();
  for (const row of value) {
    if (!isObject(row)) return undefined;
    for (const [name, cell] of Object.entries(row)) {
      if (!isLeaf(cell) && fieldsOf(cell) === undefined) return undefined;
      if (!isEmpty(cell)) columns.add(name);
    }
  }
  return columns.size > 0 && columns.size <= MOST ? [...columns] : undefined;
}
