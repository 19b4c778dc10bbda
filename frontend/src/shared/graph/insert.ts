// Putting new nodes where a person would: on a wire, after a node, at a point; what stands in the way moves on.

import { canConnect, mayBranch } from './connect';
import { addEdge, addNode, withPlaces } from './edit';
import { GAP_Y, boxOf, centreOf, freePlace, gapAfter, sizeOf, snap, snapPlace, topForCentre } from './geometry';
import { idFromTitle } from './ids';
import { downstream, edgeById, nodeById, nodeIds, outgoing, upstream } from './query';
import type { EndKind, GraphDocument, GraphNode, NodeKind, Point } from './types';

/** What to make: a kind, and for a service task its node type. */
export interface NewNode {
  kind: NodeKind;
  title: string;
  type?: string;
  endKind?: EndKind;
}

export interface Inserted {
  doc: GraphDocument;
  id: string;
}

export function makeNode(doc: GraphDocument, wanted: NewNode): GraphNode {
  const node: GraphNode = {
    id: idFromTitle(wanted.title, nodeIds(doc), wanted.kind.split('_')[0] ?? 'step'),
    kind: wanted.kind,
    title: wanted.title,
  };
  switch (wanted.kind) {
    case 'start_event':
      return { ...node, start: {} };
    case 'end_event':
      return { ...node, end: { kind: wanted.endKind ?? 'none' } };
    case 'service_task':
      return { ...node, service: { type: wanted.type ?? '' } };
    case 'script_task':
      return { ...node, script: { output: {} } };
    case 'exclusive_gateway':
    case 'parallel_gateway':
      return node;
  }
}

/** Adds a node with its centre at a point, or at the free place nearest to it. */
export function insertAt(doc: GraphDocument, wanted: NewNode, centre: Point): Inserted {
  const node = makeNode(doc, wanted);
  const size = sizeOf(node.kind);
  const wish = { x: centre.x - size.width / 2, y: topForCentre(node.kind, centre.y) };
  return { doc: addNode(doc, node, freePlace(doc, node.kind, wish)), id: node.id };
}

export function canInsertOnEdge(wanted: NewNode): boolean {
  return wanted.kind !== 'start_event' && wanted.kind !== 'end_event';
}

/** Puts a node into a flow: the first half keeps id, title and condition; what lies after moves right when there is no room. */
export function insertOnEdge(doc: GraphDocument, edgeId: string, wanted: NewNode): Inserted | undefined {
  const edge = edgeById(doc, edgeId);
  const from = nodeById(doc, edge?.from);
  const to = nodeById(doc, edge?.to);
  if (edge === undefined || from === undefined || to === undefined || !canInsertOnEdge(wanted)) return undefined;
  const node = makeNode(doc, wanted);
  const spliced = spliceNode(doc, edgeId, node);
  return { doc: placeOnEdge(spliced, node, from, to), id: node.id };
}

function spliceNode(doc: GraphDocument, edgeId: string, node: GraphNode): GraphDocument {
  const edge = edgeById(doc, edgeId);
  if (edge === undefined) return doc;
  const known = nodeById(doc, node.id) !== undefined;
  const split: GraphDocument = {
    ...doc,
    nodes: known ? doc.nodes : [...doc.nodes, node],
    edges: doc.edges.map((each) => (each.id === edgeId ? { ...each, to: node.id } : each)),
  };
  return addEdge(split, { from: node.id, to: edge.to }).doc;
}

/** Puts an unconnected node that exists into a flow, where it was dropped; undefined when it can't be there. */
export function spliceExisting(doc: GraphDocument, edgeId: string, id: string): GraphDocument | undefined {
  const edge = edgeById(doc, edgeId);
  const node = nodeById(doc, id);
  if (edge === undefined || node === undefined || edge.from === id || edge.to === id) return undefined;
  if (node.kind === 'start_event' || node.kind === 'end_event') return undefined;
  if (doc.edges.some((each) => each.from === id || each.to === id)) return undefined;
  return spliceNode(doc, edgeId, node);
}

function placeOnEdge(doc: GraphDocument, node: GraphNode, from: GraphNode, to: GraphNode): GraphDocument {
  const size = sizeOf(node.kind);
  const before = boxOf(doc, from);
  const after = boxOf(doc, to);
  const backward = after.x < before.x + before.width;
  if (backward) {
    const middle = { x: (centreOf(doc, from).x + centreOf(doc, to).x) / 2, y: Math.max(before.y + before.height, after.y + after.height) + GAP_Y * 2 };
    return withPlaces(doc, { [node.id]: freePlace(doc, node.kind, { x: middle.x - size.width / 2, y: middle.y }, new Set([node.id])) });
  }
  // A branch that leaves a gateway upwards or downwards keeps the height of where it leads.
  const centreY = mayBranch(from) ? centreOf(doc, to).y : centreOf(doc, from).y;
  const x = Math.max(before.x + before.width + gapAfter(from.kind), (before.x + before.width + after.x - size.width) / 2);
  const push = snap(x + size.width + gapAfter(node.kind) - after.x);
  const pushed = push > 0 ? pushRight(doc, from, to, push) : doc;
  const place = { x, y: topForCentre(node.kind, centreY) };
  return withPlaces(pushed, { [node.id]: freePlace(pushed, node.kind, place, new Set([node.id])) });
}

/** Moves a node and all that comes after it to the right, except what also lies before the place that opens. */
function pushRight(doc: GraphDocument, from: GraphNode, to: GraphNode, distance: number): GraphDocument {
  const before = upstream(doc, from.id);
  const edge = boxOf(doc, to).x;
  const moving = [to.id, ...downstream(doc, to.id)].filter((id) => id !== from.id && !before.has(id));
  const places: Record<string, Point> = {};
  for (const id of moving) {
    const node = nodeById(doc, id);
    if (node === undefined) continue;
    const box = boxOf(doc, node);
    if (box.x >= edge || id === to.id) places[id] = { x: box.x + distance, y: box.y };
  }
  return withPlaces(doc, places);
}

/**
 * Puts a node after another: into its only exit when it may not branch, else as one more branch, to the right of it. An
 * end that can't follow because the node goes on elsewhere stands free, to be connected by hand.
 */
export function insertAfter(doc: GraphDocument, after: string, wanted: NewNode): Inserted | undefined {
  const from = nodeById(doc, after);
  if (from === undefined || from.kind === 'end_event' || wanted.kind === 'start_event') return undefined;
  const exit = mayBranch(from) ? undefined : outgoing(doc, after)[0];
  if (exit !== undefined && canInsertOnEdge(wanted)) return insertOnEdge(doc, exit.id, wanted);
  const node = makeNode(doc, wanted);
  const added = addNode(doc, node, freePlace(doc, node.kind, placeAfter(doc, from, node.kind)));
  return { doc: exit === undefined ? addEdge(added, { from: after, to: node.id }).doc : added, id: node.id };
}

function placeAfter(doc: GraphDocument, from: GraphNode, kind: NodeKind): Point {
  const box = boxOf(doc, from);
  const centre = centreOf(doc, from);
  return { x: box.x + box.width + gapAfter(from.kind), y: topForCentre(kind, centre.y) };
}

/** Connects a new node dropped at a point from (or to) a handle that was dragged there. */
export function insertConnected(doc: GraphDocument, end: { from?: string; to?: string }, wanted: NewNode, centre: Point): Inserted {
  const inserted = insertAt(doc, wanted, centre);
  const from = end.from ?? inserted.id;
  const to = end.to ?? inserted.id;
  if (!canConnect(inserted.doc, from, to).legal) return inserted;
  return { doc: addEdge(inserted.doc, { from, to }).doc, id: inserted.id };
}

export function moveBy(doc: GraphDocument, ids: Iterable<string>, dx: number, dy: number): GraphDocument {
  const places: Record<string, Point> = {};
  for (const id of ids) {
    const node = nodeById(doc, id);
    if (node === undefined) continue;
    const box = boxOf(doc, node);
    places[id] = snapPlace(node.kind, { x: box.x + dx, y: box.y + dy });
  }
  return withPlaces(doc, places);
}
