// Looking through what is in scope for values of a kind.

import { typeOf } from '@/shared/graph/json-schema';
import type { JsonObject } from '@/shared/graph/types';

import type { Name } from './scope';

export interface FoundName {
  path: string;
  title: string;
}

const DEPTH = 4;

/** Every file that an expression may name, input first. */
export function filesInScope(scope: readonly Name[]): FoundName[] {
  const found: FoundName[] = [];
  const visit = (names: readonly Name[], prefix: string, depth: number): void => {
    for (const name of names) {
      const path = prefix === '' ? name.name : `${prefix}.${name.name}`;
      if (name.type === 'file') found.push({ path, title: name.title === '' ? path : `${name.title.split(' · ')[0] ?? name.name} — ${path}` });
      else if (name.type === 'object' && depth < DEPTH) visit(name.members(), path, depth + 1);
    }
  };
  visit(scope, '', 0);
  return found;
}

/** Paths in scope whose last name is the wanted one, or, for a file, that are files; what bears the name itself comes first. */
export function namesInScope(scope: readonly Name[], wanted: string, schema: JsonObject): string[] {
  const type = typeOf(schema);
  const found: { path: string; named: boolean }[] = [];
  const visit = (names: readonly Name[], prefix: string, depth: number): void => {
    for (const name of names) {
      const path = prefix === '' ? name.name : `${prefix}.${name.name}`;
      const named = name.name.toLowerCase() === wanted.toLowerCase();
      const fits = type === 'any' || name.type === 'any' || name.type === type || (type === 'number' && name.type === 'integer');
      if (fits && prefix !== '' && (named || type === 'file')) found.push({ path, named });
      if (name.type === 'object' && depth < DEPTH) visit(name.members(), path, depth + 1);
    }
  };
  visit(scope, '', 0);
  return [...found.filter((each) => each.named), ...found.filter((each) => !each.named)].map((each) => each.path);
}
