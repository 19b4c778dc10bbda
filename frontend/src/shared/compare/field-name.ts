// "/service/input/strict" as people read it: Parameters › strict.

import type { TFunction } from 'i18next';

function segments(path: string): string[] {
  return path.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Members whose own members are named by the author. */
const NAMED = new Set(['input', 'result', 'output', 'properties', 'extensions']);

/** Members that only say which kind of step it is. */
const SILENT = new Set(['service', 'script', 'user', 'decision', 'call', 'start', 'end', 'properties']);

export function fieldName(path: string, t: TFunction<'compare'>): string {
  const parts = segments(path);
  return parts
    .map((part, index) => {
      const before = parts[index - 1];
      if (/^\d+$/.test(part)) return String(Number(part) + 1);
      if (before !== undefined && NAMED.has(before)) return part;
      if (SILENT.has(part)) return '';
      return t(`field.${part}`, { defaultValue: part });
    })
    .filter((part) => part !== '')
    .join(' › ');
}
