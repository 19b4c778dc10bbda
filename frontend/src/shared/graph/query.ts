// Questions about a document: neighbours, what runs before and after a node, who reads whose output.

import { tasksReadBy } from './expression';
import { centreOf } from './geometry';
import { indexOf } from './graph-index';
import { givesOutput, isTask } from './kinds';
import type { Frame, GraphDocument, GraphEdge, GraphNode, Value } from './types';

export function nodeById(doc: GraphDocument, id: string | undefined): GraphNode | undefined {
  return id === undefined ? undefined : indexOf(doc).nodes.get(id);
}

export function edgeById(doc: GraphDocument, id: string | undefined): GraphEdge | undefined {
  return id === undefined ? undefined : indexOf(doc).edges.get(id);
}

export function incoming(doc: GraphDocument, id: string): readonly GraphEdge[] {
  return indexOf(doc).incoming.get(id) ?? [];
}

export function outgoing(doc: GraphDocument, id: string): readonly GraphEdge[] {
  return indexOf(doc).outgoing.get(id) ?? [];
}

export function nodeIds(doc: GraphDocument): Set<string> {
  return new Set(doc.nodes.map((node) => node.id));
}

export function edgeIds(doc: GraphDocument): Set<string> {
  return new Set(doc.edges.map((edge) => edge.id));
}

function reach(id: string, next: (id: string) => readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [id];
  for (let current = queue.pop(); current !== undefined; current = queue.pop()) {
    for (const neighbour of next(current)) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      queue.push(neighbour);
    }
  }
  return seen;
}

/** Nodes that a token can have passed before it comes to this one; the node itself only when it lies on a cycle. */
export function upstream(doc: GraphDocument, id: string): Set<string> {
  return reach(id, (at) => {
    const before = incoming(doc, at).map((edge) => edge.from);
    // An event on a border comes of its activity, a compensation of what it undoes.
    const host = nodeById(doc, at)?.boundary?.on;
    return [...before, ...(host === undefined ? [] : [host]), ...undoneBy(doc, at)];
  });
}

/** Nodes that a token can come to after this one; the node itself only when it lies on a cycle. */
export function downstream(doc: GraphDocument, id: string): Set<string> {
  return reach(id, (at) => {
    const handler = nodeById(doc, at)?.undone_by;
    return [...outgoing(doc, at).map((edge) => edge.to), ...borderOf(doc, at).map((node) => node.id), ...(handler === undefined ? [] : [handler])];
  });
}

/** The activities that a task compensates. */
export function undoneBy(doc: GraphDocument, handler: string): string[] {
  return indexOf(doc).handlers.get(handler) ?? [];
}

/** Whether something of an activity can be undone: it has a handler, or what lies in it has. */
function isUndoable(doc: GraphDocument, node: GraphNode): boolean {
  if (node.undone_by !== undefined) return true;
  return node.kind === 'sub_process' && inside(doc, node.id).some((each) => each.undone_by !== undefined);
}

/** The activities of a level that can be undone. */
export function undoableIn(doc: GraphDocument, parent: string | undefined): GraphNode[] {
  return doc.nodes.filter((node) => node.parent === parent && isTask(node.kind) && isUndoable(doc, node));
}

/** The steps that may undo an activity: others of its level that no flow touches, that have no events and that nothing undoes. */
export function handlersFor(doc: GraphDocument, id: string): GraphNode[] {
  const parent = nodeById(doc, id)?.parent;
  return doc.nodes.filter(
    (node) =>
      node.id !== id && node.parent === parent && isTask(node.kind) && node.undone_by === undefined &&
      incoming(doc, node.id).length === 0 && outgoing(doc, node.id).length === 0 && borderOf(doc, node.id).length === 0,
  );
}

/** The start of the process itself. */
/** The start that describes the input of the process: the one that people use, else the first that has a schema, else the first. */
export function startOf(doc: GraphDocument): GraphNode | undefined {
  const starts = doc.nodes.filter((node) => node.kind === 'start_event' && node.parent === undefined);
  return starts.find((node) => (node.start?.kind ?? 'manual') === 'manual') ?? starts.find((node) => node.start?.input_schema !== undefined) ?? starts[0];
}

/** The ends of the process itself. */
export function endsOf(doc: GraphDocument): GraphNode[] {
  return doc.nodes.filter((node) => node.kind === 'end_event' && node.parent === undefined);
}

/** The ids of the sub-processes around a node, from the inside out. */
export function around(doc: GraphDocument, id: string): string[] {
  const levels: string[] = [];
  for (let parent = nodeById(doc, id)?.parent; parent !== undefined && !levels.includes(parent); parent = nodeById(doc, parent)?.parent) {
    levels.push(parent);
  }
  return levels;
}

/** What lies directly in a sub-process, or, without one, in the process itself. */
export function childrenOf(doc: GraphDocument, parent: string | undefined): readonly GraphNode[] {
  return indexOf(doc).children.get(parent) ?? [];
}

/** The nodes that lie in a sub-process, at any depth. */
export function inside(doc: GraphDocument, id: string): GraphNode[] {
  const found = new Set<GraphNode>();
  const visit = (parent: string): void => {
    for (const node of childrenOf(doc, parent)) {
      if (found.has(node)) continue; // a document of somebody else may hold a circle
      found.add(node);
      visit(node.id);
    }
  };
  visit(id);
  return [...found];
}

/** The events on the border of an activity, in the order of the document. */
export function borderOf(doc: GraphDocument, host: string): readonly GraphNode[] {
  return indexOf(doc).border.get(host) ?? [];
}

/** The frame that a node is in. */
export function frameOf(doc: GraphDocument, id: string): Frame | undefined {
  return indexOf(doc).frames.get(id);
}

/** Nodes with an output that an expression at this node may read: those of its own level and of the levels around it. */
export function readableTasks(doc: GraphDocument, id: string): GraphNode[] {
  const levels = [undefined, ...around(doc, id)];
  const before = new Set([id, ...around(doc, id)].flatMap((at) => [...upstream(doc, at)]));
  return doc.nodes.filter((node) => before.has(node.id) && givesOutput(node) && levels.includes(node.parent));
}

/** Every value that a node's configuration holds. */
export function valuesOf(node: GraphNode): Value[] {
  const maps = [
    node.service?.input, node.service?.result, node.script?.output, node.end?.output, node.user?.input, node.call?.input, node.start?.schedule?.input,
  ];
  const values = maps.flatMap((map) => (map === undefined ? [] : Object.values(map)));
  const timers = [node.timer, node.user?.due, node.user?.escalate, node.boundary?.timer];
  const singles = [
    node.end?.message, node.user?.assignee, node.call?.custom_id, ...(node.user?.groups ?? []), ...(node.user?.escalate_to ?? []), ...timers.map((timer) => timer?.value),
    node.message?.key, node.boundary?.message?.key, node.multi?.items, node.multi?.until, node.multi?.collect,
    ...(node.decision?.inputs ?? []), ...(node.decision?.rules ?? []).flatMap((rule) => [...rule.when, ...rule.then]),
  ];
  for (const single of singles) if (single !== undefined) values.push(single);
  return values;
}

/** Ids of nodes whose configuration, or whose outgoing conditions, read the output of the given task. */
export function readersOf(doc: GraphDocument, id: string): string[] {
  const readers = new Set<string>();
  for (const node of doc.nodes) if (valuesOf(node).some((value) => tasksReadBy(value).includes(id))) readers.add(node.id);
  for (const edge of doc.edges) if (tasksReadBy(edge.condition).includes(id)) readers.add(edge.from);
  return [...readers];
}

export type Direction = 'left' | 'right' | 'up' | 'down';

/** The node that an arrow key goes to: along the edges left and right, to the nearest sibling up and down. */
export function walk(doc: GraphDocument, id: string, direction: Direction): string | undefined {
  const from = nodeById(doc, id);
  if (from === undefined) return undefined;
  const origin = centreOf(doc, from);
  if (direction === 'left' || direction === 'right') {
    const linked = direction === 'right' ? outgoing(doc, id).map((edge) => edge.to) : incoming(doc, id).map((edge) => edge.from);
    const nodes = doc.nodes.filter((node) => node.id !== id && linked.includes(node.id));
    return nearest(doc, nodes, (x, y) => Math.abs(y - origin.y) + Math.abs(x - origin.x) / 4)?.id;
  }
  const sign = direction === 'down' ? 1 : -1;
  const nodes = doc.nodes.filter((node) => node.id !== id && (centreOf(doc, node).y - origin.y) * sign > 4);
  return nearest(doc, nodes, (x, y) => Math.abs(y - origin.y) + Math.abs(x - origin.x) * 2)?.id;
}

function nearest(doc: GraphDocument, nodes: readonly GraphNode[], cost: (x: number, y: number) => number): GraphNode | undefined {
  let best: GraphNode | undefined;
  let least = Infinity;
  for (const node of nodes) {
    const centre = centreOf(doc, node);
    const value = cost(centre.x, centre.y);
    if (value < least) {
      least = value;
      best = node;
    }
  }
  return best;
}
