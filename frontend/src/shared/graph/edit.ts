// The edits of a document. Each takes a document and returns a new one; nothing is changed in place, so a document is its
// own undo step. An edit that changes nothing returns the very document it was given.

import { canConnect } from './connect';
import { renameTaskInValue } from './expression';
import { isNodeId, nextEdgeId } from './ids';
import { edgeById, edgeIds, incoming, nodeById, nodeIds, outgoing } from './query';
import { removeNotes, unframed, withFrames } from './remarks';
import type { GraphDocument, GraphEdge, GraphNode, Json, JsonObject, Point, Value } from './types';

export function withPlaces(doc: GraphDocument, places: Readonly<Record<string, Point>>): GraphDocument {
  const current = doc.layout.nodes ?? {};
  const changed = Object.entries(places).some(([id, place]) => current[id]?.x !== place.x || current[id].y !== place.y);
  return changed ? { ...doc, layout: { ...doc.layout, nodes: { ...current, ...places } } } : doc;
}

export function addNode(doc: GraphDocument, node: GraphNode, place: Point): GraphDocument {
  return withPlaces({ ...doc, nodes: [...doc.nodes, node] }, { [node.id]: place });
}

export function addEdge(doc: GraphDocument, edge: Omit<GraphEdge, 'id'>): { doc: GraphDocument; edge: GraphEdge } {
  const added: GraphEdge = { id: nextEdgeId(edgeIds(doc)), ...edge };
  return { doc: { ...doc, edges: [...doc.edges, added] }, edge: added };
}

/** Draws a flow when that is legal. */
export function connect(doc: GraphDocument, from: string, to: string): { doc: GraphDocument; edge?: GraphEdge } {
  return canConnect(doc, from, to).legal ? addEdge(doc, { from, to }) : { doc };
}

/** Moves one end of a flow to another node, keeping its title and condition when it still leaves the same gateway. */
export function reconnect(doc: GraphDocument, id: string, from: string, to: string): GraphDocument {
  const edge = edgeById(doc, id);
  if (edge === undefined || (edge.from === from && edge.to === to) || !canConnect(doc, from, to, id).legal) return doc;
  const moved: GraphEdge = edge.from === from ? { ...edge, to } : { id, from, to, ...(edge.title === undefined ? {} : { title: edge.title }) };
  return { ...doc, edges: doc.edges.map((each) => (each.id === id ? moved : each)) };
}

export function removeEdges(doc: GraphDocument, ids: ReadonlySet<string>): GraphDocument {
  const edges = doc.edges.filter((edge) => !ids.has(edge.id));
  return edges.length === doc.edges.length ? doc : { ...doc, edges };
}

/** Removes nodes with their flows and places, the events on their borders, and what they hold. */
export function removeNodes(doc: GraphDocument, wanted: ReadonlySet<string>): GraphDocument {
  const ids = withHeld(doc, wanted);
  const nodes = doc.nodes.filter((node) => !ids.has(node.id));
  if (nodes.length === doc.nodes.length) return doc;
  const places = Object.fromEntries(Object.entries(doc.layout.nodes ?? {}).filter(([id]) => !ids.has(id)));
  const left: GraphDocument = {
    ...doc,
    nodes: nodes.map((node) => withoutUndo(node, (id) => ids.has(id))),
    edges: doc.edges.filter((edge) => !ids.has(edge.from) && !ids.has(edge.to)),
    layout: { ...doc.layout, nodes: places },
  };
  const orphans = new Set((doc.notes ?? []).filter((note) => note.parent !== undefined && ids.has(note.parent)).map((note) => note.id));
  return removeNotes(unframed(left, ids), orphans);
}

/** A node that neither names a handler that is gone nor undoes an activity that is. */
export function withoutUndo(node: GraphNode, gone: (id: string) => boolean): GraphNode {
  const { undone_by: handler, undoes, ...rest } = node;
  const lost = (id: string | undefined): boolean => id !== undefined && gone(id);
  if (!lost(handler) && !lost(undoes)) return node;
  return { ...rest, ...(handler !== undefined && !gone(handler) && { undone_by: handler }), ...(undoes !== undefined && !gone(undoes) && { undoes }) };
}

/** Nodes with what they hold, at any depth, and the events on their borders. */
export function withHeld(doc: GraphDocument, wanted: Iterable<string>): Set<string> {
  const ids = new Set(wanted);
  for (let size = -1; size !== ids.size; ) {
    size = ids.size;
    for (const node of doc.nodes) {
      if ((node.parent !== undefined && ids.has(node.parent)) || (node.boundary !== undefined && ids.has(node.boundary.on))) ids.add(node.id);
    }
  }
  return ids;
}

/** Removes nodes one by one; where one had a single exit, what came into it goes on to where it led. */
export function removeNodesClosingGaps(doc: GraphDocument, ids: Iterable<string>): GraphDocument {
  let next = doc;
  for (const id of ids) next = removeNodeClosingGap(next, id);
  return next;
}

function removeNodeClosingGap(doc: GraphDocument, id: string): GraphDocument {
  const leaving = outgoing(doc, id);
  const exit = leaving[0];
  const entering = incoming(doc, id);
  let next = removeNodes(doc, new Set([id]));
  if (leaving.length !== 1 || exit === undefined || exit.to === id) return next;
  for (const edge of entering) {
    if (edge.from === id || !canConnect(next, edge.from, exit.to).legal) continue;
    const joined: GraphEdge = { ...edge, to: exit.to };
    next = { ...next, edges: orderedInsert(next.edges, joined, doc.edges) };
  }
  return next;
}

/** Puts an edge back where its id stood, so that the order of a gateway's branches is kept. */
function orderedInsert(edges: readonly GraphEdge[], edge: GraphEdge, order: readonly GraphEdge[]): GraphEdge[] {
  const rank = new Map(order.map((each, index) => [each.id, index]));
  const own = rank.get(edge.id) ?? order.length;
  const at = edges.findIndex((each) => (rank.get(each.id) ?? order.length) > own);
  return at < 0 ? [...edges, edge] : [...edges.slice(0, at), edge, ...edges.slice(at)];
}

export function updateNode(doc: GraphDocument, id: string, change: (node: GraphNode) => GraphNode): GraphDocument {
  const nodes = doc.nodes.map((node) => (node.id === id ? change(node) : node));
  return nodes.some((node, index) => node !== doc.nodes[index]) ? { ...doc, nodes } : doc;
}

export function setTitle(doc: GraphDocument, id: string, title: string): GraphDocument {
  return updateNode(doc, id, (node) => (node.title === title ? node : { ...node, title }));
}

/** Changes a flow. Making one the default takes that mark, and its own condition, from nothing else but its siblings' mark. */
export function updateEdge(doc: GraphDocument, id: string, change: Partial<Omit<GraphEdge, 'id' | 'from' | 'to'>>): GraphDocument {
  const edge = edgeById(doc, id);
  if (edge === undefined) return doc;
  const next = tidyEdge({ ...edge, ...change });
  return {
    ...doc,
    edges: doc.edges.map((each) => {
      if (each.id === id) return next;
      return change.default === true && each.from === edge.from && each.default === true ? tidyEdge({ ...each, default: false }) : each;
    }),
  };
}

function tidyEdge(edge: GraphEdge): GraphEdge {
  const { title, condition, ...rest } = edge;
  const tidy: GraphEdge = { id: rest.id, from: rest.from, to: rest.to };
  if (title !== undefined && title !== '') tidy.title = title;
  if (condition !== undefined && condition !== '' && rest.default !== true) tidy.condition = condition;
  if (rest.default === true) tidy.default = true;
  return tidy;
}

/** Everything of a node that may hold values; in its title and texts nothing is renamed. */
const READING: readonly (keyof GraphNode)[] = ['start', 'service', 'script', 'end', 'user', 'decision', 'call', 'timer', 'message', 'boundary', 'multi'];

function renameReads(node: GraphNode, from: string, to: string): GraphNode {
  let next = node;
  for (const member of READING) {
    const value = node[member];
    if (value === undefined) continue;
    const renamed = renameTaskInValue(value as Value, from, to);
    if (renamed !== value) next = { ...next, [member]: renamed };
  }
  if (next.boundary?.on === from) next = { ...next, boundary: { ...next.boundary, on: to } };
  if (next.parent === from) next = { ...next, parent: to };
  if (next.undone_by === from) next = { ...next, undone_by: to };
  if (next.undoes === from) next = { ...next, undoes: to };
  return next;
}

export type RenameRefusal = 'bad_id' | 'taken_id';

export function canRename(doc: GraphDocument, from: string, to: string): RenameRefusal | undefined {
  if (!isNodeId(to)) return 'bad_id';
  return from !== to && nodeIds(doc).has(to) ? 'taken_id' : undefined;
}

/** What is kept of a file that the document was read from names nodes by their ids. */
function renamedInFile(extensions: JsonObject, from: string, to: string): JsonObject {
  const file = extensions.bpmn;
  if (!isObject(file) || !isObject(file.ids)) return extensions;
  return { ...extensions, bpmn: { ...file, ids: Object.fromEntries(Object.entries(file.ids).map(([id, theirs]) => [id === from ? to : id, theirs])) } };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Gives a node another id and rewrites every flow, place and expression that names it. */
export function renameNode(doc: GraphDocument, from: string, to: string): GraphDocument {
  if (from === to || nodeById(doc, from) === undefined || canRename(doc, from, to) !== undefined) return doc;
  const places = doc.layout.nodes ?? {};
  const renamed: GraphDocument = {
    ...doc,
    nodes: doc.nodes.map((node) => renameReads(node.id === from ? { ...node, id: to } : node, from, to)),
    edges: doc.edges.map((edge) => renameInEdge(edge, from, to)),
    layout: { ...doc.layout, nodes: Object.fromEntries(Object.entries(places).map(([id, place]) => [id === from ? to : id, place])) },
    ...(doc.notes !== undefined && { notes: doc.notes.map((note) => (note.parent === from ? { ...note, parent: to } : note)) }),
    ...(doc.extensions !== undefined && { extensions: renamedInFile(doc.extensions, from, to) }),
  };
  const frames = doc.layout.frames;
  if (frames === undefined) return renamed;
  return withFrames(renamed, frames.map((frame) => (frame.nodes.includes(from) ? { ...frame, nodes: frame.nodes.map((id) => (id === from ? to : id)) } : frame)));
}

function renameInEdge(edge: GraphEdge, from: string, to: string): GraphEdge {
  const condition = edge.condition === undefined ? undefined : renameTaskInValue(edge.condition, from, to);
  if (edge.from !== from && edge.to !== from && condition === edge.condition) return edge;
  return {
    ...edge,
    from: edge.from === from ? to : edge.from,
    to: edge.to === from ? to : edge.to,
    ...(typeof condition === 'string' && { condition }),
  };
}
