// Places for documents that were never drawn, a definition made by a program for instance: columns by distance from the
// start, rows in the order of the document. The author's own places are kept.

import { GAP_X, GAP_Y, sizeOf } from './geometry';
import type { GraphDocument, GraphNode, Point } from './types';

const COLUMN = 220 + GAP_X;
const ROW = 72 + GAP_Y;

/** The longest way to each node, in steps; flows that close a cycle don't count. */
function columns(doc: GraphDocument): Map<string, number> {
  const leaving = new Map<string, string[]>();
  for (const edge of doc.edges) leaving.set(edge.from, [...(leaving.get(edge.from) ?? []), edge.to]);
  const entered = new Set(doc.edges.map((edge) => edge.to));
  const roots = [...doc.nodes.filter((node) => node.kind === 'start_event'), ...doc.nodes.filter((node) => !entered.has(node.id)), ...doc.nodes];
  const state = new Map<string, 'open' | 'done'>();
  const forward: [from: string, to: string][] = [];
  const order: string[] = [];
  for (const root of roots) {
    const stack: { id: string; next: number }[] = state.has(root.id) ? [] : [{ id: root.id, next: 0 }];
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      state.set(top.id, 'open');
      const to = leaving.get(top.id)?.[top.next++];
      if (to === undefined) {
        state.set(top.id, 'done');
        order.push(top.id);
        stack.pop();
      } else if (state.get(to) !== 'open') {
        forward.push([top.id, to]);
        if (!state.has(to)) stack.push({ id: to, next: 0 });
      }
    }
  }
  const column = new Map(doc.nodes.map((node) => [node.id, 0]));
  const after = new Map<string, string[]>();
  for (const [from, to] of forward) after.set(from, [...(after.get(from) ?? []), to]);
  for (const id of order.reverse()) {
    for (const to of after.get(id) ?? []) column.set(to, Math.max(column.get(to) ?? 0, (column.get(id) ?? 0) + 1));
  }
  return column;
}

export function withFallbackLayout(doc: GraphDocument): GraphDocument {
  const places = doc.layout.nodes ?? {};
  const homeless = doc.nodes.filter((node) => places[node.id] === undefined);
  if (homeless.length === 0) return doc;
  const column = columns(doc);
  const rows = new Map<number, GraphNode[]>();
  for (const node of homeless) {
    const at = column.get(node.id) ?? 0;
    rows.set(at, [...(rows.get(at) ?? []), node]);
  }
  const below = Math.max(0, ...Object.values(places).map((place) => place.y + ROW * 2));
  const added: Record<string, Point> = {};
  for (const [at, nodes] of rows) {
    nodes.forEach((node, index) => {
      const { width, height } = sizeOf(node.kind);
      const centre = { x: 112 + at * COLUMN, y: below + 256 + (index - (nodes.length - 1) / 2) * ROW };
      added[node.id] = { x: centre.x - width / 2, y: centre.y - height / 2 };
    });
  }
  return { ...doc, layout: { ...doc.layout, nodes: { ...places, ...added } } };
}
