// Where nodes stand in the flow, for rows of the tree that happened at the same moment or not yet.
import { startOf } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';

/** What may come after each node: along its flows, from an activity to the events on its border, from a sub-process to its start. */
function following(document: GraphDocument): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, string[]>();
  const add = (from: string, to: string) => next.set(from, [...(next.get(from) ?? []), to]);
  for (const edge of document.edges) add(edge.from, edge.to);
  for (const node of document.nodes) {
    if (node.boundary !== undefined) add(node.boundary.on, node.id);
    if (node.kind === 'start_event' && node.parent !== undefined) add(node.parent, node.id);
  }
  return next;
}

/** Distance from the start in steps, and by place on the canvas among equals; unreachable nodes come last. */
export function nodeRanks(document: GraphDocument): ReadonlyMap<string, number> {
  const next = following(document);
  const depth = new Map<string, number>();
  const starts = [startOf(document)?.id ?? ''];
  let layer = starts;
  for (let level = 0; layer.length > 0; level++) {
    const found: string[] = [];
    for (const id of layer) {
      if (depth.has(id)) continue;
      depth.set(id, level);
      found.push(...(next.get(id) ?? []));
    }
    layer = found;
  }
  const place = (id: string) => document.layout.nodes?.[id] ?? { x: 0, y: 0 };
  const ordered = document.nodes
    .map((node) => node.id)
    .sort(
      (a, b) =>
        (depth.get(a) ?? Infinity) - (depth.get(b) ?? Infinity) || place(a).y - place(b).y || place(a).x - place(b).x,
    );
  return new Map(ordered.map((id, index) => [id, index]));
}

/** Nodes that a token can still come to from where the process stands. */
export function reachableFrom(document: GraphDocument, from: Iterable<string>): ReadonlySet<string> {
  const next = following(document);
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const target of next.get(id) ?? []) {
      if (seen.has(target)) continue;
      seen.add(target);
      open.push(target);
    }
  }
  return seen;
}
