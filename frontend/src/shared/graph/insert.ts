// Putting new nodes where a person would: on a wire, after a node, at a point; what stands in the way moves on.

import { canConnect, mayBranch } from './connect';
import { addEdge, addNode, updateNode, withPlaces } from './edit';
import { GAP_Y, boxOf, centreOf, freePlace, gapAfter, placeOf, sizeOf, snap, snapPlace, topForCentre } from './geometry';
import { idFromTitle } from './ids';
import { hasExit, takesEntry } from './kinds';
import { levelAt, moved } from './levels';
import { downstream, edgeById, incoming, nodeById, nodeIds, outgoing, upstream } from './query';
import { framedBetween } from './remarks';
import type { BoundaryEvent, BoundaryKind, EndKind, GraphDocument, GraphNode, NodeKind, Point, StartEvent, StartKind } from './types';

/** What to make: a kind, and for a service task its node type. */
export interface NewNode {
  kind: NodeKind;
  title: string;
  type?: string;
  startKind?: StartKind;
  endKind?: EndKind;
  /** What an event on a border waits for. */
  boundary?: BoundaryKind;
  /** The sub-process that it goes into. */
  parent?: string | undefined;
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
    ...(wanted.parent === undefined ? {} : { parent: wanted.parent }),
  };
  switch (wanted.kind) {
    case 'start_event':
      return { ...node, start: startOfKind(wanted.startKind) };
    case 'end_event':
      return { ...node, end: { kind: wanted.endKind ?? 'none' } };
    case 'service_task':
      return { ...node, service: { type: wanted.type ?? '' } };
    case 'script_task':
      return { ...node, script: { output: {} } };
    case 'user_task':
      return { ...node, user: {} };
    case 'decision_task':
      return { ...node, decision: { hit: 'unique', inputs: [], outputs: ['result'], rules: [] } };
    case 'call_activity':
      return { ...node, call: { definition: '' } };
    case 'timer_event':
      return { ...node, timer: { kind: 'duration', value: '' } };
    case 'message_event':
      return { ...node, message: { name: '', key: '=process.custom_id' } };
    default:
      return node;
  }
}

function startOfKind(kind: StartKind | undefined): StartEvent {
  switch (kind) {
    case 'schedule':
      return { kind, schedule: { cron: '0 9 * * 1-5' } };
    case 'message':
      return { kind, message: '' };
    case 'webhook':
      return { kind, webhook: { check: 'path' } };
    case 'manual':
    case undefined:
      return {};
  }
}

/** Adds a node at a place. A sub-process begins with a start and an end of its own, connected. */
function put(doc: GraphDocument, node: GraphNode, place: Point): GraphDocument {
  const added = addNode(doc, node, place);
  if (node.kind !== 'sub_process') return added;
  const centreY = place.y + sizeOf('sub_process').height / 2;
  const start = makeNode(added, { kind: 'start_event', title: '', parent: node.id });
  const withStart = addNode(added, { ...start, id: idFromTitle(`${node.id} start`, nodeIds(added)) }, snapPlace('start_event', { x: place.x + 44, y: topForCentre('start_event', centreY) }));
  const end = makeNode(withStart, { kind: 'end_event', title: '', parent: node.id });
  const endId = idFromTitle(`${node.id} end`, nodeIds(withStart));
  const withEnd = addNode(withStart, { ...end, id: endId }, snapPlace('end_event', { x: place.x + sizeOf('sub_process').width - 44 - 44, y: topForCentre('end_event', centreY) }));
  const first = withEnd.nodes.find((each) => each.parent === node.id && each.kind === 'start_event');
  return first === undefined ? withEnd : addEdge(withEnd, { from: first.id, to: endId }).doc;
}

/** Adds a node with its centre at a point, or at the free place nearest to it, in the sub-process that stands there. */
export function insertAt(doc: GraphDocument, wanted: NewNode, centre: Point): Inserted {
  const node = makeNode(doc, { ...wanted, parent: wanted.parent ?? levelAt(doc, centre) });
  const size = sizeOf(node.kind);
  const wish = { x: centre.x - size.width / 2, y: topForCentre(node.kind, centre.y) };
  return { doc: put(doc, node, freePlace(doc, node, wish)), id: node.id };
}

export function boundaryOf(host: string, kind: BoundaryKind): BoundaryEvent {
  switch (kind) {
    case 'timer':
      return { on: host, kind, timer: { kind: 'duration', value: '' } };
    case 'message':
      return { on: host, kind, message: { name: '', key: '=process.custom_id' } };
    case 'error':
      return { on: host, kind };
  }
}

/** Puts an event on the border of an activity. */
export function insertBoundary(doc: GraphDocument, host: string, kind: BoundaryKind, title: string): Inserted | undefined {
  const activity = nodeById(doc, host);
  if (activity === undefined) return undefined;
  const made = makeNode(doc, { kind: 'boundary_event', title, parent: activity.parent });
  const boundary = boundaryOf(host, kind);
  return { doc: { ...doc, nodes: [...doc.nodes, { ...made, boundary }] }, id: made.id };
}

/** Puts a step below an activity that undoes it. */
export function insertHandler(doc: GraphDocument, host: string, title: string): Inserted | undefined {
  const activity = nodeById(doc, host);
  if (activity === undefined || activity.undone_by !== undefined) return undefined;
  const made = makeNode(doc, { kind: 'service_task', title, parent: activity.parent });
  const box = boxOf(doc, activity);
  const added = put(doc, made, freePlace(doc, made, { x: box.x + gapAfter(activity.kind), y: box.y + box.height + GAP_Y }));
  return { doc: updateNode(added, host, (node) => ({ ...node, undone_by: made.id })), id: made.id };
}

export function canInsertOnEdge(wanted: NewNode): boolean {
  return takesEntry(wanted.kind) && hasExit(wanted.kind);
}

/** Puts a node into a flow: the first half keeps id, title and condition; what lies after moves right when there is no room. */
export function insertOnEdge(doc: GraphDocument, edgeId: string, wanted: NewNode): Inserted | undefined {
  const edge = edgeById(doc, edgeId);
  const from = nodeById(doc, edge?.from);
  const to = nodeById(doc, edge?.to);
  if (edge === undefined || from === undefined || to === undefined || !canInsertOnEdge(wanted)) return undefined;
  const node = makeNode(doc, { ...wanted, parent: from.parent });
  const spliced = framedBetween(spliceNode(doc, edgeId, node), node.id, from.id, to.id);
  const placed = placeOnEdge(spliced, node, from, to);
  return { doc: node.kind === 'sub_process' ? filled(placed, node) : placed, id: node.id };
}

/** Gives a new sub-process, already in its place, its start and end. */
function filled(doc: GraphDocument, node: GraphNode): GraphDocument {
  const place = placeOf(doc, node.id);
  return put({ ...doc, nodes: doc.nodes.filter((each) => each.id !== node.id) }, node, place);
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

/**
 * Puts an unconnected node that exists into a flow, where it was dropped, in line with the flow; what comes after moves on when there
 * is no room. Undefined when it can't be there.
 */
export function spliceExisting(doc: GraphDocument, edgeId: string, id: string): GraphDocument | undefined {
  const edge = edgeById(doc, edgeId);
  const node = nodeById(doc, id);
  if (edge === undefined || node === undefined || edge.from === id || edge.to === id) return undefined;
  if (!takesEntry(node.kind) || !hasExit(node.kind) || nodeById(doc, edge.from)?.parent !== node.parent) return undefined;
  if (doc.edges.some((each) => each.from === id || each.to === id)) return undefined;
  const [from, to] = [nodeById(doc, edge.from), nodeById(doc, edge.to)];
  const spliced = framedBetween(spliceNode(doc, edgeId, node), id, edge.from, edge.to);
  return from === undefined || to === undefined ? spliced : lineUp(spliced, node, from, to);
}

/** Brings a dropped node into the line of its flow, when it was dropped near it. */
function lineUp(doc: GraphDocument, node: GraphNode, from: GraphNode, to: GraphNode): GraphDocument {
  const [before, box, after] = [boxOf(doc, from), boxOf(doc, node), boxOf(doc, to)];
  if (node.kind === 'sub_process' || after.x < before.x + before.width) return doc;
  const middle = mayBranch(from) ? centreOf(doc, to).y : centreOf(doc, from).y;
  const y = Math.abs(box.y + box.height / 2 - middle) < 64 ? topForCentre(node.kind, middle) : box.y;
  const x = Math.max(before.x + before.width + gapAfter(from.kind) / 2, box.x);
  const push = snap(x + box.width + gapAfter(node.kind) - after.x);
  const pushed = push > 0 ? pushRight(doc, from, to, push, node.id) : doc;
  return withPlaces(pushed, { [node.id]: snapPlace(node.kind, { x, y }) });
}

function placeOnEdge(doc: GraphDocument, node: GraphNode, from: GraphNode, to: GraphNode): GraphDocument {
  const size = sizeOf(node.kind);
  const before = boxOf(doc, from);
  const after = boxOf(doc, to);
  const backward = after.x < before.x + before.width;
  if (backward) {
    const middle = { x: (centreOf(doc, from).x + centreOf(doc, to).x) / 2, y: Math.max(before.y + before.height, after.y + after.height) + GAP_Y * 2 };
    return withPlaces(doc, { [node.id]: freePlace(doc, node, { x: middle.x - size.width / 2, y: middle.y }) });
  }
  // A branch that leaves a gateway upwards or downwards keeps the height of where it leads.
  const centreY = mayBranch(from) ? centreOf(doc, to).y : centreOf(doc, from).y;
  const x = Math.max(before.x + before.width + gapAfter(from.kind), (before.x + before.width + after.x - size.width) / 2);
  const push = snap(x + size.width + gapAfter(node.kind) - after.x);
  const pushed = push > 0 ? pushRight(doc, from, to, push) : doc;
  const place = freePlace(pushed, node, { x, y: topForCentre(node.kind, centreY) });
  return withPlaces(pushed, { [node.id]: place });
}

/** Moves a node and all that comes after it to the right, except what also lies before the place that opens. */
function pushRight(doc: GraphDocument, from: GraphNode, to: GraphNode, distance: number, except?: string): GraphDocument {
  const before = upstream(doc, from.id);
  const edge = boxOf(doc, to).x;
  const moving = [to.id, ...downstream(doc, to.id)].filter((id) => id !== from.id && id !== except && !before.has(id));
  const shifted = moving.filter((id) => {
    const node = nodeById(doc, id);
    return node !== undefined && (boxOf(doc, node).x >= edge || id === to.id);
  });
  return moveBy(doc, shifted, distance, 0);
}

/**
 * Puts a node after another: into its only exit when it may not branch, else as one more branch, to the right of it. An
 * end that can't follow because the node goes on elsewhere stands free, to be connected by hand.
 */
export function insertAfter(doc: GraphDocument, after: string, wanted: NewNode): Inserted | undefined {
  const from = nodeById(doc, after);
  if (from === undefined || !hasExit(from.kind) || !takesEntry(wanted.kind)) return undefined;
  const exit = mayBranch(from) ? undefined : outgoing(doc, after)[0];
  if (exit !== undefined && canInsertOnEdge(wanted)) return insertOnEdge(doc, exit.id, wanted);
  const node = makeNode(doc, { ...wanted, parent: from.parent });
  const added = put(doc, node, freePlace(doc, node, placeAfter(doc, from, node.kind)));
  return { doc: exit === undefined ? addEdge(added, { from: after, to: node.id }).doc : added, id: node.id };
}

function placeAfter(doc: GraphDocument, from: GraphNode, kind: NodeKind): Point {
  const box = boxOf(doc, from);
  const centre = centreOf(doc, from);
  return { x: box.x + box.width + gapAfter(from.kind), y: topForCentre(kind, centre.y) };
}

/** Connects a new node dropped at a point from (or to) a handle that was dragged there. */
export function insertConnected(doc: GraphDocument, end: { from?: string; to?: string }, wanted: NewNode, centre: Point): Inserted {
  const inserted = insertAt(doc, { ...wanted, parent: nodeById(doc, end.from ?? end.to)?.parent }, centre);
  const from = end.from ?? inserted.id;
  const to = end.to ?? inserted.id;
  if (!canConnect(inserted.doc, from, to).legal) return inserted;
  return { doc: addEdge(inserted.doc, { from, to }).doc, id: inserted.id };
}

/** Moves nodes, and with a sub-process what it holds. */
export function moveBy(doc: GraphDocument, ids: Iterable<string>, dx: number, dy: number): GraphDocument {
  return withPlaces(doc, moved(doc, ids, dx, dy));
}

/**
 * Puts a node before another: into its only entry, else by itself with a flow to it, to the left. What may have nothing before it
 * refuses.
 */
export function insertBefore(doc: GraphDocument, before: string, wanted: NewNode): Inserted | undefined {
  const to = nodeById(doc, before);
  if (to === undefined || !takesEntry(to.kind) || !hasExit(wanted.kind)) return undefined;
  const entries = incoming(doc, before);
  const entry = entries.length === 1 ? entries[0] : undefined;
  if (entry !== undefined && canInsertOnEdge(wanted)) return insertOnEdge(doc, entry.id, wanted);
  const node = makeNode(doc, { ...wanted, parent: to.parent });
  const box = boxOf(doc, to);
  const size = sizeOf(node.kind);
  const place = { x: box.x - gapAfter(node.kind) - size.width, y: topForCentre(node.kind, centreOf(doc, to).y) };
  const added = put(doc, node, freePlace(doc, node, place));
  if (!canConnect(added, node.id, before).legal) return undefined;
  return { doc: addEdge(added, { from: node.id, to: before }).doc, id: node.id };
}

/**
 * Puts a node beside another, as one more branch of what leads to it; beside a gateway's own branches when it is one. Undefined
 * when what leads there may not branch.
 */
export function insertBeside(doc: GraphDocument, id: string, side: 'above' | 'below', wanted: NewNode): Inserted | undefined {
  const node = nodeById(doc, id);
  if (node === undefined || !takesEntry(wanted.kind)) return undefined;
  const origin = mayBranch(node) ? node : incoming(doc, id).map((edge) => nodeById(doc, edge.from)).find((from) => from !== undefined && mayBranch(from));
  if (origin === undefined) return undefined;
  const made = makeNode(doc, { ...wanted, parent: origin.parent });
  const branches = mayBranch(node) ? outgoing(doc, id).flatMap((edge) => nodeById(doc, edge.to) ?? []) : [node];
  const boxes = branches.map((each) => boxOf(doc, each));
  const own = boxOf(doc, origin);
  const size = sizeOf(made.kind);
  const x = boxes.length === 0 ? own.x + own.width + gapAfter(origin.kind) : Math.min(...boxes.map((box) => box.x));
  const y =
    boxes.length === 0
      ? own.y + own.height / 2 - size.height / 2 + (side === 'below' ? 1 : -1) * (GAP_Y + size.height)
      : side === 'below'
        ? Math.max(...boxes.map((box) => box.y + box.height)) + GAP_Y
        : Math.min(...boxes.map((box) => box.y)) - GAP_Y - size.height;
  const added = put(doc, made, freePlace(doc, made, { x, y }));
  if (!canConnect(added, origin.id, made.id).legal) return undefined;
  return { doc: addEdge(added, { from: origin.id, to: made.id }).doc, id: made.id };
}
