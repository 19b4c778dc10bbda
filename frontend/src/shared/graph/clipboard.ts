// Copying a part of a graph as JSON text, and putting it into this or another document under new ids.

import { addEdge, addNode, renameNode } from './edit';
import { placeOf, snap } from './geometry';
import { isNodeId, uniqueName } from './ids';
import { NODE_KINDS } from './kinds';
import { nodeIds } from './query';
import type { GraphDocument, GraphEdge, GraphNode, Point } from './types';

export const CLIPBOARD_FORMAT = 'taskurotta/graph';

export interface Fragment {
  format: typeof CLIPBOARD_FORMAT;
  nodes: GraphNode[];
  edges: GraphEdge[];
  places: Record<string, Point>;
}

export function copyFragment(doc: GraphDocument, ids: ReadonlySet<string>): Fragment {
  const nodes = doc.nodes.filter((node) => ids.has(node.id));
  return {
    format: CLIPBOARD_FORMAT,
    nodes,
    edges: doc.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    places: Object.fromEntries(nodes.map((node) => [node.id, placeOf(doc, node.id)])),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNode(value: unknown): value is GraphNode {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    isNodeId(value.id) &&
    typeof value.title === 'string' &&
    NODE_KINDS.some((kind) => kind === value.kind)
  );
}

function isEdge(value: unknown): value is GraphEdge {
  return isRecord(value) && typeof value.id === 'string' && typeof value.from === 'string' && typeof value.to === 'string';
}

/** Reads text from a clipboard; anything that is not a fragment of ours is undefined. */
export function parseFragment(text: string): Fragment | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(raw) || raw.format !== CLIPBOARD_FORMAT || !Array.isArray(raw.nodes) || !Array.isArray(raw.edges)) return undefined;
  const nodes = raw.nodes.filter(isNode);
  const known = new Set(nodes.map((node) => node.id));
  const places: Record<string, Point> = {};
  for (const [id, place] of Object.entries(isRecord(raw.places) ? raw.places : {})) {
    if (isRecord(place) && typeof place.x === 'number' && typeof place.y === 'number') places[id] = { x: place.x, y: place.y };
  }
  if (nodes.length === 0) return undefined;
  return { format: CLIPBOARD_FORMAT, nodes, edges: raw.edges.filter(isEdge).filter((edge) => known.has(edge.from) && known.has(edge.to)), places };
}

/**
 * Adds a fragment, moved by an offset or with its top left corner at a point. A second start event is left out, as a
 * document has one. Readings inside the fragment follow the new ids.
 */
export function pasteFragment(doc: GraphDocument, fragment: Fragment, where: { offset: Point } | { corner: Point }): { doc: GraphDocument; ids: string[] } {
  const hasStart = doc.nodes.some((node) => node.kind === 'start_event');
  const nodes = fragment.nodes.filter((node) => !(hasStart && node.kind === 'start_event'));
  const taken = nodeIds(doc);
  let part: GraphDocument = { schema: doc.schema, nodes, edges: fragment.edges, layout: { nodes: fragment.places } };
  const ids: string[] = [];
  for (const node of nodes) {
    const others = new Set([...taken, ...nodeIds(part)]);
    others.delete(node.id);
    const id = taken.has(node.id) ? uniqueName(node.id, new Set([...others, node.id])) : node.id;
    part = renameNode(part, node.id, id);
    taken.add(id);
    ids.push(id);
  }
  const offset = 'offset' in where ? where.offset : offsetTo(part, where.corner);
  let next = doc;
  for (const node of part.nodes) {
    const place = placeOf(part, node.id);
    next = addNode(next, node, { x: place.x + snap(offset.x), y: place.y + snap(offset.y) });
  }
  const pasted = new Set(ids);
  for (const { id: _, ...edge } of part.edges) if (pasted.has(edge.from) && pasted.has(edge.to)) next = addEdge(next, edge).doc;
  return { doc: next, ids };
}

function offsetTo(part: GraphDocument, corner: Point): Point {
  const places = part.nodes.map((node) => placeOf(part, node.id));
  return { x: corner.x - Math.min(...places.map((place) => place.x)), y: corner.y - Math.min(...places.map((place) => place.y)) };
}
