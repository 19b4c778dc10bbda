// A file of ours that another tool changed: what that tool changed counts, everything else is as it was here, to the byte. The
// tool's changes are the differences between what the file says now and what it would say of the document that it was made of.

import type { GraphDocument, Json, JsonObject, Point } from '../graph/types';

/** What another tool may do to white space on the way is no change. */
function same(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b || a.replace(/\s+/g, ' ').trim() === b.replace(/\s+/g, ' ').trim();
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((each, index) => same(each, b[index]));
  if (isObject(a) && isObject(b)) return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => same(a[name], b[name]));
  return a === b;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function merged(own: Json | undefined, base: Json | undefined, now: Json | undefined): Json | undefined {
  if (same(base, now)) return own;
  if (!isObject(own) || !isObject(base) || !isObject(now)) return now;
  const names = [...new Set([...Object.keys(own), ...Object.keys(now)])];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = merged(own[name], base[name], now[name]);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

interface Identified {
  id: string;
}

/** The list as the file has it now: what we knew merged, what is new as it was read, what is gone left out. */
function mergedList<T extends Identified>(own: readonly T[], base: readonly T[], now: readonly T[], changed: (id: string) => void): T[] {
  const [ours, before] = [byId(own), byId(base)];
  return now.map((each) => {
    const [mine, was] = [ours.get(each.id), before.get(each.id)];
    if (mine === undefined || was === undefined) return each;
    const result = merged(json(mine), json(was), json(each));
    if (result !== undefined && !same(json(was), json(each))) changed(each.id);
    return result as unknown as T;
  });
}

function byId<T extends Identified>(items: readonly T[]): Map<string, T> {
  return new Map([...items].reverse().map((item) => [item.id, item]));
}

function json(value: unknown): Json {
  return value as Json;
}

const CLOSE = 0.5;

function near(a: Point | undefined, b: Point | undefined): boolean {
  return a === undefined || b === undefined ? a === b : Math.abs(a.x - b.x) <= CLOSE && Math.abs(a.y - b.y) <= CLOSE;
}

export interface Merged {
  doc: GraphDocument;
  /** Nodes that the other tool changed. */
  changed: ReadonlySet<string>;
  moved: ReadonlySet<string>;
}

export function mergeDocuments(own: GraphDocument, base: GraphDocument, now: GraphDocument): Merged {
  const changed = new Set<string>();
  const moved = new Set<string>();
  const note = (id: string): void => {
    changed.add(id);
  };
  const nodes = mergedList(own.nodes, base.nodes, now.nodes, note);
  const edges = mergedList(own.edges, base.edges, now.edges, note);
  const notes = mergedList(own.notes ?? [], base.notes ?? [], now.notes ?? [], note);
  const frames = mergedList(own.layout.frames ?? [], base.layout.frames ?? [], now.layout.frames ?? [], note);
  const places: Record<string, Point> = {};
  const known = new Set(now.nodes.map((node) => node.id));
  for (const [id, place] of Object.entries(own.layout.nodes ?? {})) if (!Object.hasOwn(now.layout.nodes ?? {}, id) && known.has(id)) places[id] = place;
  for (const [id, place] of Object.entries(now.layout.nodes ?? {})) {
    const mine = own.layout.nodes?.[id];
    const unmoved = near(base.layout.nodes?.[id], place);
    if (!unmoved) moved.add(id);
    if (!unmoved) places[id] = place;
    else if (mine !== undefined) places[id] = mine;
  }
  return {
    doc: {
      schema: own.schema, nodes, edges,
      layout: { ...((own.layout.nodes !== undefined || Object.keys(places).length > 0) && { nodes: places }), ...((own.layout.frames !== undefined || frames.length > 0) && { frames }) },
      ...((own.notes !== undefined || notes.length > 0) && { notes }),
      ...(own.extensions !== undefined && { extensions: own.extensions }),
    },
    changed, moved,
  };
}
