// Places for documents that were never drawn, a definition made by a program for instance: columns by distance from the
// start, rows in the order of the document, sub-processes around what they hold. The author's own places are kept.

import { GAP_X, GAP_Y, PADDING, sizeOf, type Size } from './geometry';
import { inside, nodeById } from './query';
import type { GraphDocument, GraphNode, Point } from './types';

/** The title of an event is wider than the event. */
const COLUMN = 112;
const ROW = 72;
const FIRST = { x: 112, y: 256 };

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

/** One level as a graph by itself; what leaves an event on a border leaves its activity. */
function levelOf(doc: GraphDocument, parent: string | undefined): GraphDocument {
  const nodes = doc.nodes.filter((node) => node.boundary === undefined && node.parent === parent);
  const known = new Set(nodes.map((node) => node.id));
  const edges = doc.edges
    .map((edge) => ({ ...edge, from: nodeById(doc, edge.from)?.boundary?.on ?? edge.from }))
    .filter((edge) => known.has(edge.from) && known.has(edge.to));
  return { ...doc, nodes, edges };
}

interface Arranged {
  /** Places with the left edge at 0 and the middle of the rows at 0. */
  places: Record<string, Point>;
  size: Size;
}

function arrange(doc: GraphDocument, parent: string | undefined, homeless: ReadonlySet<string>): Arranged {
  const level = levelOf(doc, parent);
  const column = columns(level);
  const held = new Map<string, Arranged>();
  const sizes = new Map<string, Size>();
  const rows = new Map<number, GraphNode[]>();
  for (const node of level.nodes) {
    if (!homeless.has(node.id)) continue;
    const contents = node.kind === 'sub_process' && inside(doc, node.id).every((each) => each.boundary !== undefined || homeless.has(each.id));
    const content = contents ? arrange(doc, node.id, homeless) : undefined;
    if (content !== undefined && Object.keys(content.places).length > 0) {
      held.set(node.id, content);
      sizes.set(node.id, { width: content.size.width + PADDING.left + PADDING.right, height: content.size.height + PADDING.top + PADDING.bottom });
    } else {
      sizes.set(node.id, sizeOf(node.kind));
    }
    const at = column.get(node.id) ?? 0;
    rows.set(at, [...(rows.get(at) ?? []), node]);
  }
  const places: Record<string, Point> = {};
  let x = 0;
  let tallest = 0;
  for (let at = 0; at <= Math.max(-1, ...rows.keys()); at++) {
    const nodes = rows.get(at) ?? [];
    const boxes = nodes.map((node) => ({ node, size: sizes.get(node.id) ?? sizeOf(node.kind) }));
    const width = Math.max(COLUMN, ...boxes.map(({ size }) => size.width));
    const heights = boxes.map(({ size }) => Math.max(ROW, size.height));
    const height = heights.reduce((sum, each) => sum + each, 0) + GAP_Y * Math.max(0, boxes.length - 1);
    tallest = Math.max(tallest, height);
    let y = -height / 2;
    boxes.forEach(({ node, size }, index) => {
      const middle = y + (heights[index] ?? ROW) / 2;
      const place = { x: x + (width - size.width) / 2, y: middle - size.height / 2 };
      places[node.id] = place;
      const content = held.get(node.id);
      for (const [id, inner] of Object.entries(content?.places ?? {})) {
        places[id] = { x: place.x + PADDING.left + inner.x, y: place.y + PADDING.top + (content?.size.height ?? 0) / 2 + inner.y };
      }
      y += (heights[index] ?? ROW) + GAP_Y;
    });
    x += width + GAP_X;
  }
  return { places, size: { width: Math.max(0, x - GAP_X), height: tallest } };
}

export function withFallbackLayout(doc: GraphDocument): GraphDocument {
  const places = doc.layout.nodes ?? {};
  const homeless = new Set(doc.nodes.filter((node) => places[node.id] === undefined && node.boundary === undefined).map((node) => node.id));
  if (homeless.size === 0) return doc;
  const below = Math.max(0, ...Object.values(places).map((place) => place.y + (ROW + GAP_Y) * 2));
  const added: Record<string, Point> = {};
  const { places: arranged } = arrange(doc, undefined, homeless);
  for (const [id, place] of Object.entries(arranged)) added[id] = { x: FIRST.x - COLUMN / 2 + place.x, y: below + FIRST.y + place.y };
  return { ...doc, layout: { ...doc.layout, nodes: { ...places, ...added } } };
}
