// Reading and changing one place inside a node or an edge by its JSON pointer. Nothing is changed in place.

import type { Json } from './types';

function partsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a pointer; undefined when nothing does. */
export function valueAt(root: object, pointer: string): Json | undefined {
  let value: unknown = root;
  for (const part of partsOf(pointer)) {
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isObject(value)) value = value[part];
    else return undefined;
  }
  return value as Json | undefined;
}

function changed(value: unknown, parts: readonly string[], next: Json | undefined): unknown {
  const [part, ...rest] = parts;
  if (part === undefined) return next;
  if (Array.isArray(value)) {
    const index = Number(part);
    const item: unknown = changed(value[index], rest, next);
    return item === undefined ? value.filter((_, at) => at !== index) : value.map((each: unknown, at) => (at === index ? item : each));
  }
  const own = isObject(value) ? value : {};
  const item = changed(own[part], rest, next);
  if (item === undefined) return Object.fromEntries(Object.entries(own).filter(([key]) => key !== part));
  return { ...own, [part]: item };
}

/** The same with another value at a pointer, or, with undefined, without it. */
export function withValueAt<T extends object>(root: T, pointer: string, next: Json | undefined): T {
  return changed(root, partsOf(pointer), next) as T;
}
