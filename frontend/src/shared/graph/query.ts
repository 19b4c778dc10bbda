// Questions about a document: neighbours, what runs before and after a node, who reads whose output.

import { tasksReadBy } from './expression';
import { centreOf } from './geometry';
import type { GraphDocument, GraphEdge, GraphNode, Value } from './types';

export function nodeById(doc: GraphDocument, id: string | undefined): GraphNode | undefined {
  return id === undefined ? undefined : doc.nodes.find((node) => node.id === id);
}

export function edgeById(doc: GraphDocument, id: string | undefined): GraphEdge | undefined {
  return id === undefined ? undefined : doc.edges.find((edge) => edge.id === id);
}

export function incoming(doc: GraphDocument, id: string): GraphEdge[] {
  return doc.edges.filter((edge) => edge.to === id);
}

export function outgoing(doc: GraphDocument, id: string): GraphEdge[] {
  return doc.edges.filter((edge) => edge.from === id);
}

export function nodeIds(doc: GraphDocument): Set<string> {
  return new Set(doc.nodes.map((node) => node.id));
}

export function edgeIds(doc: GraphDocument): Set<string> {
  return new Set(doc.edges.map((edge) => edge.id));
}

function reach(doc: GraphDocument, id: string, next: (edge: GraphEdge) => [string, string]): Set<string> {
  const neighbours = new Map<string, string[]>();
  for (const edge of doc.edges) {
    const [from, to] = next(edge);
    const list = neighbours.get(from);
    if (list === undefined) neighbours.set(from, [to]);
    else list.push(to);
  }
  const seen = new Set<string>();
  const queue = [id];
  for (let current = queue.pop(); current !== undefined; current = queue.pop()) {
    for (const neighbour of neighbours.get(current) ?? []) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      queue.push(neighbour);
    }
  }
  return seen;
}

/** Nodes that a token can have passed before it comes to this one; the node itself only when it lies on a cycle. */
export function upstream(doc: GraphDocument, id: string): Set<string> {
  return reach(doc, id, (edge) => [edge.to, edge.from]);
}

/** Nodes that a token can come to after this one; the node itself only when it lies on a cycle. */
export function downstream(doc: GraphDocument, id: string): Set<string> {
  return reach(doc, id, (edge) => [edge.from, edge.to]);
}

/** Tasks with an output that an expression at this node may read. */
export function readableTasks(doc: GraphDocument, id: string): GraphNode[] {
  const before = upstream(doc, id);
  return doc.nodes.filter((node) => before.has(node.id) && (node.kind === 'service_task' || node.kind === 'script_task'));
}

/** Every value that a node's configuration holds. */
export function valuesOf(node: GraphNode): Value[] {
  const maps = [node.service?.input, node.service?.result, node.script?.output, node.end?.output];
  const values = maps.flatMap((map) => (map === undefined ? [] : Object.values(map)));
  if (node.end?.message !== undefined) values.push(node.end.message);
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
