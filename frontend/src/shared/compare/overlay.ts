// Two documents in one picture: what is gone stands among what is there.

import type { DiffMarks } from '@/shared/canvas/diff-marks';
import type { GraphDocument, GraphNode } from '@/shared/graph/types';

import type { Comparison } from './compare';

export type Side = 'both' | 'before' | 'after';

export interface Overlay {
  graph: GraphDocument;
  marks: DiffMarks;
}

export function overlay(before: GraphDocument, after: GraphDocument, comparison: Comparison, side: Side): Overlay {
  const marks: { nodes: Record<string, 'added' | 'removed' | 'changed'>; edges: Record<string, 'added' | 'removed' | 'changed'> } = { nodes: {}, edges: {} };
  for (const item of comparison.items) {
    if (item.of === 'note' || (side === 'before' && item.change === 'added') || (side === 'after' && item.change === 'removed')) continue;
    const id = side === 'before' ? idBefore(item.id, item.fields) : item.id;
    (item.of === 'node' ? marks.nodes : marks.edges)[id] = item.change;
  }
  if (side === 'before') return { graph: before, marks };
  if (side === 'after') return { graph: after, marks };
  return { graph: together(before, after, comparison), marks };
}

function idBefore(id: string, fields: readonly { path: string; before?: unknown }[] = []): string {
  const was = fields.find((field) => field.path === '/id')?.before;
  return typeof was === 'string' ? was : id;
}

/** The second document with what only the first one has. */
function together(before: GraphDocument, after: GraphDocument, { items }: Comparison): GraphDocument {
  const gone = (of: 'node' | 'edge'): Set<string> => new Set(items.filter((item) => item.of === of && item.change === 'removed').map((item) => item.id));
  const renamed = new Map(items.filter((item) => item.of === 'node' && item.change === 'changed').map((item) => [idBefore(item.id, item.fields), item.id]));
  const now = (id: string): string => renamed.get(id) ?? id;
  const goneNodes = gone('node');
  const goneEdges = gone('edge');
  const nodes = [...after.nodes, ...before.nodes.filter((node) => goneNodes.has(node.id)).map((node) => attached(node, now))];
  const known = new Set(nodes.map((node) => node.id));
  const edges = before.edges
    .filter((edge) => goneEdges.has(edge.id))
    .map((edge) => ({ ...edge, from: now(edge.from), to: now(edge.to) }))
    .filter((edge) => known.has(edge.from) && known.has(edge.to));
  const places = Object.fromEntries(Object.entries(before.layout.nodes ?? {}).filter(([id]) => goneNodes.has(id)));
  return { ...after, nodes, edges: [...after.edges, ...edges], layout: { ...after.layout, nodes: { ...after.layout.nodes, ...places } } };
}

function attached(node: GraphNode, now: (id: string) => string): GraphNode {
  return {
    ...node,
    ...(node.parent !== undefined && { parent: now(node.parent) }),
    ...(node.boundary !== undefined && { boundary: { ...node.boundary, on: now(node.boundary.on) } }),
  };
}
