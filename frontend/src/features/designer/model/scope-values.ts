// Names in scope with what they were in the last run. What the run had and no schema tells of is a name, too.

import { isObject, type FieldType } from '@/shared/graph/json-schema';
import type { Json, JsonObject } from '@/shared/graph/types';

import type { Name } from './scope';

function typeOfValue(value: Json): FieldType {
  if (Array.isArray(value)) return 'array';
  if (isObject(value)) return typeof value.$file === 'string' ? 'file' : 'object';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number';
    default:
      return 'any';
  }
}

export function valued(name: Name, value: Json | undefined): Name {
  if (value === undefined) return name;
  return { ...name, value, type: name.type === 'any' ? typeOfValue(value) : name.type, members: () => membersOf(name, value) };
}

/** The members of a list are those of its entries; the first one shows what they are like. */
function membersOf(name: Name, value: Json): Name[] {
  const known = name.members();
  const shown = Array.isArray(value) ? value[0] : value;
  if (!isObject(shown)) return known;
  const seen = new Set(known.map((member) => member.name));
  const more = Object.keys(shown).filter((key) => !seen.has(key) && !key.startsWith('$'));
  return [...known, ...more.map((key): Name => ({ name: key, type: 'any', title: '', members: () => [] }))].map((member) => valued(member, shown[member.name]));
}

/** `values` holds input, process and tasks; of the tasks only those that can be read here are offered. */
export function withValues(names: readonly Name[], values: JsonObject): Name[] {
  return names.map((name) => {
    const value = values[name.name];
    if (name.name !== 'tasks') return valued(name, value);
    const outputs = isObject(value) ? value : {};
    return { ...name, members: () => name.members().map((task) => valued(task, outputs[task.name])) };
  });
}

/** A value in a few letters. */
export function valueHint(value: Json | undefined): string {
  if (value === undefined) return '';
  if (isObject(value) && typeof value.$file === 'string') return typeof value.name === 'string' ? value.name : value.$file;
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

export interface VariableRow {
  /** As an expression reads it. */
  path: string;
  name: Name;
  depth: number;
  opens: boolean;
}

function step(path: string, owner: Name, name: string): string {
  const list = owner.type === 'array' ? '[0]' : '';
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? `${path}${list}.${name}` : `${path}${list}[${JSON.stringify(name)}]`;
}

const MOST_LEVELS = 6;

/** The names as lines, tasks on the first level; inside of what is opened, or everywhere that a filter finds something. */
export function variableRows(names: readonly Name[], opened: ReadonlySet<string>, filter = ''): VariableRow[] {
  const wanted = filter.trim().toLowerCase();
  const visit = (path: string, name: Name, depth: number): VariableRow[] => {
    const members = depth < MOST_LEVELS ? name.members() : [];
    const row: VariableRow = { path, name, depth, opens: members.length > 0 };
    const inside = (): VariableRow[] => members.flatMap((member) => visit(step(path, name, member.name), member, depth + 1));
    if (wanted === '') return opened.has(path) ? [row, ...inside()] : [row];
    const below = inside();
    const hit = [path, name.title].some((text) => text.toLowerCase().includes(wanted));
    return hit || below.length > 0 ? [row, ...below] : [];
  };
  return names.flatMap((name) => (name.name === 'tasks' ? name.members().flatMap((task) => visit(`tasks.${task.name}`, task, 0)) : visit(name.name, name, 0)));
}
