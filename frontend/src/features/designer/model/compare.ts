// How two documents differ, by node; flows count as a change of the node that they leave.

import { outgoing } from '@/shared/graph/query';
import type { GraphDocument, GraphNode } from '@/shared/graph/types';

export interface Comparison {
  /** Titles of nodes that only the second document has. */
  added: string[];
  removed: string[];
  changed: string[];
  /** How many nodes only stand elsewhere. */
  moved: number;
}

function meaning(doc: GraphDocument, node: GraphNode): string {
  const flows = outgoing(doc, node.id).map(({ to, title, condition, default: usual }) => [to, title ?? '', condition ?? '', usual === true]);
  return JSON.stringify([sorted(node), flows]);
}

/** The same value with sorted keys, so that the order of writing makes no difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

export function compareDocuments(before: GraphDocument, after: GraphDocument): Comparison {
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  const titleOf = (node: GraphNode): string => (node.title === '' ? node.id : node.title);
  const result: Comparison = { added: [], removed: [], changed: [], moved: 0 };
  for (const node of after.nodes) {
    const was = old.get(node.id);
    old.delete(node.id);
    if (was === undefined) result.added.push(titleOf(node));
    else if (meaning(before, was) !== meaning(after, node)) result.changed.push(titleOf(node));
    else {
      const [a, b] = [before.layout.nodes?.[node.id], after.layout.nodes?.[node.id]];
      if (a?.x !== b?.x || a?.y !== b?.y) result.moved += 1;
    }
  }
  for (const node of old.values()) result.removed.push(titleOf(node));
  return result;
}

/** Whether two documents are the same in everything, however they are written. */
export function sameDocument(a: GraphDocument, b: GraphDocument): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}
