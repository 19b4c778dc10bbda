// What to offer while an expression is typed: names of the scope along the path before the cursor, and functions.

import { tokenize, type Token } from '@/shared/graph/expression';

import type { Name } from './scope';
import { valueHint } from './scope-values';

export interface Offer {
  label: string;
  detail: string;
  /** In the last run, in a few letters. */
  value?: string;
  kind: 'name' | 'function' | 'keyword';
}

export interface Completion {
  /** Where the text that an offer replaces begins. */
  from: number;
  offers: Offer[];
}

const FUNCTIONS: readonly [name: string, signature: string][] = [
  ['len', 'len(list)'],
  ['all', 'all(list, # > 0)'],
  ['any', 'any(list, # > 0)'],
  ['one', 'one(list, # > 0)'],
  ['none', 'none(list, # > 0)'],
  ['filter', 'filter(list, # > 0)'],
  ['map', 'map(list, #.name)'],
  ['find', 'find(list, # > 0)'],
  ['count', 'count(list, # > 0)'],
  ['sum', 'sum(list)'],
  ['min', 'min(a, b)'],
  ['max', 'max(a, b)'],
  ['first', 'first(list)'],
  ['last', 'last(list)'],
  ['join', 'join(list, ", ")'],
  ['split', 'split(text, ",")'],
  ['trim', 'trim(text)'],
  ['upper', 'upper(text)'],
  ['lower', 'lower(text)'],
  ['replace', 'replace(text, "a", "b")'],
  ['round', 'round(number)'],
  ['int', 'int(value)'],
  ['float', 'float(value)'],
  ['string', 'string(value)'],
  ['now', 'now()'],
  ['date', 'date("2026-01-31")'],
  ['duration', 'duration("24h")'],
];

const KEYWORDS = ['true', 'false', 'nil', 'and', 'or', 'not', 'in', 'contains', 'startsWith', 'endsWith', 'matches'];

function lookUp(names: readonly Name[], path: readonly string[]): Name[] {
  const [first, ...rest] = path;
  if (first === undefined) return [...names];
  const found = names.find((each) => each.name === first);
  return found === undefined ? [] : lookUp(found.members(), rest);
}

/** The names before the cursor's last dot, last first: `tasks.check[0].va|` is [check, tasks]. */
function pathBefore(tokens: readonly Token[], dot: number): string[] | undefined {
  const path: string[] = [];
  let index = dot - 1;
  for (;;) {
    if (tokens[index]?.text === ']') {
      while (index >= 0 && tokens[index]?.text !== '[') index--;
      index--;
    }
    const token = tokens[index];
    if (token?.kind !== 'name') return undefined;
    path.unshift(token.text);
    const mark = tokens[index - 1]?.text;
    if (mark !== '.' && mark !== '?.') return path;
    index -= 2;
  }
}

export function complete(source: string, cursor: number, scope: readonly Name[]): Completion | undefined {
  const tokens = tokenize(source.slice(0, cursor));
  const last = tokens.at(-1);
  if (last?.kind === 'string' && (last.text.length === 1 || !last.text.endsWith(last.text.slice(0, 1)))) return undefined;
  if (last?.kind === 'number') return undefined;
  const typed = last?.kind === 'name' ? last : undefined;
  const from = typed?.from ?? cursor;
  const before = typed === undefined ? tokens.length : tokens.length - 1;
  const mark = tokens[before - 1]?.text;
  if (mark === '.' || mark === '?.') {
    const path = pathBefore(tokens, before - 1);
    if (path === undefined) return undefined;
    return { from, offers: lookUp(scope, path).map(offerOf) };
  }
  const offers = scope.map(offerOf);
  for (const [label, detail] of FUNCTIONS) offers.push({ label, detail, kind: 'function' });
  for (const label of KEYWORDS) offers.push({ label, detail: '', kind: 'keyword' });
  return { from, offers };
}

function offerOf(name: Name): Offer {
  const detail = [name.type === 'any' ? '' : name.type, name.title].filter((part) => part !== '').join(' · ');
  return { label: name.name, detail, kind: 'name', ...(name.value !== undefined && { value: valueHint(name.value) }) };
}
