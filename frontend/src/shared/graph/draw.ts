// Documents written by hand: nodes by their centres, flows by the ids of their ends.

import { addEdge, addNode } from './edit';
import { sizeOf } from './geometry';
import type { Locale } from './node-type';
import { emptyDocument, type GraphDocument, type GraphEdge, type GraphNode } from './types';

export type Words = (en: string, ru: string) => string;

export function wordsOf(locale: Locale): Words {
  return (en, ru) => (locale === 'ru' ? ru : en);
}

export interface Placed {
  node: GraphNode;
  /** The centre; absent for an event on a border and for a sub-process, which stand where others do. */
  x?: number;
  y?: number;
}

export function drawn(nodes: readonly Placed[], flows: readonly Omit<GraphEdge, 'id'>[]): GraphDocument {
  let doc = emptyDocument();
  for (const { node, x, y } of nodes) {
    const size = sizeOf(node.kind);
    doc = x === undefined || y === undefined ? { ...doc, nodes: [...doc.nodes, node] } : addNode(doc, node, { x: x - size.width / 2, y: y - size.height / 2 });
  }
  for (const flow of flows) doc = addEdge(doc, flow).doc;
  return doc;
}
