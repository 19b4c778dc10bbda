// How two documents differ: steps, flows and notes that were added, removed or changed, field by field, and steps that only
// stand elsewhere. The same rules as designer/compare on the server, tested with the same cases.

import type { GraphDocument, Json, JsonObject } from '@/shared/graph/types';

import { canonical } from './canonical';

export type Change = 'added' | 'removed' | 'changed';

export interface FieldDifference {
  /** JSON pointer inside the part. */
  path: string;
  /** Absent when the field is. */
  before?: Json;
  after?: Json;
}

export interface Difference {
  of: 'node' | 'edge' | 'note';
  /** Of the second document, unless it was removed. */
  id: string;
  title: string;
  kind?: string;
  change: Change;
  /** Of what changed; "/id" tells that the same part has another id. */
  fields?: FieldDifference[];
}

export interface Comparison {
  items: Difference[];
  /** Steps of both that stand elsewhere. */
  moved: string[];
  /** "/nodes" or "/edges" when only their order differs, and what is below "/layout" and "/extensions". */
  other: FieldDifference[];
}

export function compareDocuments(first: GraphDocument, second: GraphDocument): Comparison {
  const [old, now] = [canonical(first), canonical(second)];
  const nodes = match(old.nodes, now.nodes, ({ id: _, ...rest }) => stable(rest));
  const renamed = new Map(nodes.pairs.filter(([was, is]) => was.id !== is.id).map(([was, is]) => [text(was.id), text(is.id)]));
  const nameNow = (id: string): string => renamed.get(id) ?? id;
  const ends = old.edges.map((edge) => ({ ...edge, from: nameNow(text(edge.from)), to: nameNow(text(edge.to)) }));
  const edges = match(ends, now.edges, (edge) => `${text(edge.from)} ${text(edge.to)}`);
  const notes = match(old.notes, now.notes, (note) => text(note.id));
  const other: FieldDifference[] = [];
  if (reordered(nodes, old.nodes)) other.push({ path: '/nodes' });
  if (reordered(edges, ends)) other.push({ path: '/edges' });
  other.push(...fields('/layout', old.layout, now.layout), ...fields('/extensions', old.extensions, now.extensions));
  return {
    items: [
      ...items('node', nodes, now.nodes, (node) => ({ title: text(node.title), kind: text(node.kind) })),
      ...items('edge', edges, now.edges, (edge) => ({ title: text(edge.title) === '' ? `${text(edge.from)} → ${text(edge.to)}` : text(edge.title) })),
      ...items('note', notes, now.notes, (note) => ({ title: text(note.text) })),
    ],
    moved: moved(first, second, nameNow),
    other,
  };
}

/** Whether two documents do the same: what no version's checksum covers may differ. */
export function sameMeaning(comparison: Comparison): boolean {
  return comparison.items.every((item) => item.of === 'note') && !comparison.other.some(({ path }) => path === '/nodes' || path === '/edges');
}

export function isSame(comparison: Comparison): boolean {
  return comparison.items.length + comparison.moved.length + comparison.other.length === 0;
}

/** Whether two documents are the same in everything, however they are written. */
export function sameDocument(a: GraphDocument, b: GraphDocument): boolean {
  return stable(a) === stable(b);
}

function moved(first: GraphDocument, second: GraphDocument, nameNow: (id: string) => string): string[] {
  const places = new Map(Object.entries(first.layout.nodes ?? {}).map(([id, place]) => [nameNow(id), place]));
  const stood = new Set(first.nodes.map((node) => nameNow(node.id)));
  return second.nodes
    .map((node) => node.id)
    .filter((id) => {
      const [a, b] = [places.get(id), second.layout.nodes?.[id]];
      return stood.has(id) && (a?.x !== b?.x || a?.y !== b?.y);
    });
}

interface Matched {
  pairs: [was: JsonObject, is: JsonObject][];
  added: ReadonlySet<string>;
  removed: JsonObject[];
}

/** Pairs what has the same id, then, in order, what looks the same. */
function match(before: readonly JsonObject[], after: readonly JsonObject[], look: (member: JsonObject) => string): Matched {
  const had = new Map(before.map((member) => [text(member.id), member]));
  const gone = new Map(had);
  for (const member of after) gone.delete(text(member.id));
  const alike = new Map<string, string[]>();
  for (const [id, member] of gone) alike.set(look(member), [...(alike.get(look(member)) ?? []), id]);
  const pairs: Matched['pairs'] = [];
  const added = new Set<string>();
  for (const member of after) {
    let was = had.get(text(member.id));
    if (was === undefined) {
      const other = alike.get(look(member))?.shift();
      was = gone.get(other ?? '');
      gone.delete(other ?? '');
    }
    if (was === undefined) added.add(text(member.id));
    else pairs.push([was, member]);
  }
  return { pairs, added, removed: [...gone.values()] };
}

function reordered({ pairs }: Matched, before: readonly JsonObject[]): boolean {
  const at = new Map(before.map((member, index) => [text(member.id), index]));
  const places = pairs.map(([was]) => at.get(text(was.id)) ?? 0);
  return places.some((place, index) => place < (places[index - 1] ?? 0));
}

function items(of: Difference['of'], matched: Matched, after: readonly JsonObject[], name: (member: JsonObject) => { title: string; kind?: string }): Difference[] {
  const changed = new Map(matched.pairs.map(([was, is]) => [text(is.id), fields('', was, is)]));
  const found: Difference[] = [];
  for (const member of after) {
    const id = text(member.id);
    const differences = changed.get(id) ?? [];
    if (matched.added.has(id)) found.push({ of, id, ...name(member), change: 'added' });
    else if (differences.length > 0) found.push({ of, id, ...name(member), change: 'changed', fields: differences });
  }
  for (const member of matched.removed) found.push({ of, id: text(member.id), ...name(member), change: 'removed' });
  return found;
}

/** How two values differ, by path; an entry put into the middle of a list is one difference. */
function fields(path: string, before: Json | undefined, after: Json | undefined): FieldDifference[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(byBytes);
    return names.flatMap((name) => fields(`${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, before[name], after[name]));
  }
  if (Array.isArray(before) && Array.isArray(after)) return entries(path, before, after);
  if (stable(before) === stable(after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function entries(path: string, before: Json[], after: Json[]): FieldDifference[] {
  const same = (a: number, b: number): boolean => stable(before[a]) === stable(after[b]);
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  let last = 0;
  if (before.length !== after.length) {
    while (first < shorter && same(first, first)) first++;
    while (last < shorter - first && same(before.length - 1 - last, after.length - 1 - last)) last++;
  }
  const found: FieldDifference[] = [];
  for (let index = first; index < Math.max(before.length, after.length) - last; index++) {
    found.push(...fields(`${path}/${index}`, index < before.length - last ? before[index] : undefined, index < after.length - last ? after[index] : undefined));
  }
  return found;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** JSON with the members of objects in order: equal values give equal texts. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => byBytes(a, b));
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${stable(each)}`).join(',')}}`;
}
