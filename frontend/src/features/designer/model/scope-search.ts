// Looking through what is in scope for values of a kind.

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
