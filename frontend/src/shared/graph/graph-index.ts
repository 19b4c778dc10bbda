// Look-ups in a document: made once per document, when somebody asks, and gone with it. Documents are never changed in
// place, so an index can't grow old.

import type { Frame, GraphDocument, GraphEdge, GraphNode } from './types';

export interface GraphIndex {
  nodes: ReadonlyMap<string, GraphNode>;
  edges: ReadonlyMap<string, GraphEdge>;
  incoming: ReadonlyMap<string, readonly GraphEdge[]>;
  outgoing: ReadonlyMap<string, readonly GraphEdge[]>;
  /** The events on the border of an activity. */
  border: ReadonlyMap<string, readonly GraphNode[]>;
  /** The activities that a task compensates. */
  handlers: ReadonlyMap<string, string[]>;
  /** What lies directly in a sub-process; undefined is the process itself. */
  children: ReadonlyMap<string | undefined, readonly GraphNode[]>;
  /** The frame that a node is in. */
  frames: ReadonlyMap<string, Frame>;
}

const KNOWN = new WeakMap<GraphDocument, GraphIndex>();

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function build(doc: GraphDocument): GraphIndex {
  const nodes = new Map<string, GraphNode>();
  const border = new Map<string, GraphNode[]>();
  const handlers = new Map<string, string[]>();
  const children = new Map<string | undefined, GraphNode[]>();
  for (const node of doc.nodes) {
    if (!nodes.has(node.id)) nodes.set(node.id, node);
    push(children, node.parent, node);
    if (node.boundary !== undefined) push(border, node.boundary.on, node);
    if (node.undone_by !== undefined) push(handlers, node.undone_by, node.id);
  }
  const edges = new Map<string, GraphEdge>();
  const incoming = new Map<string, GraphEdge[]>();
  const outgoing = new Map<string, GraphEdge[]>();
  for (const edge of doc.edges) {
    if (!edges.has(edge.id)) edges.set(edge.id, edge);
    push(incoming, edge.to, edge);
    push(outgoing, edge.from, edge);
  }
  const frames = new Map<string, Frame>();
  for (const frame of doc.layout.frames ?? []) for (const id of frame.nodes) frames.set(id, frame);
  return { nodes, edges, incoming, outgoing, border, handlers, children, frames };
}

export function indexOf(doc: GraphDocument): GraphIndex {
  let index = KNOWN.get(doc);
  if (index === undefined) {
    index = build(doc);
    KNOWN.set(doc, index);
  }
  return index;
}
