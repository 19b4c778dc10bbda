// Puts a pattern where a single step would go: its way in takes the flow over, its way out gives it back.

import { copyFragment, pasteFragment } from '@/shared/graph/clipboard';
import { canConnect, mayBranch } from '@/shared/graph/connect';
import { wordsOf } from '@/shared/graph/draw';
import { addEdge, withPlaces } from '@/shared/graph/edit';
import { boundsOf, boxOf, boxesOverlap, centreOf, gapAfter, GAP_X, GAP_Y, GRID, snap, type Box } from '@/shared/graph/geometry';
import type { Inserted } from '@/shared/graph/insert';
import { moved } from '@/shared/graph/levels';
import { localized } from '@/shared/graph/node-type';
import { childrenOf, downstream, edgeById, nodeById, outgoing, upstream } from '@/shared/graph/query';
import type { GraphDocument, GraphEdge, Point } from '@/shared/graph/types';

import type { DesignerContext } from './context';
import { levelSeen } from './looking';
import type { Pattern } from './patterns';
import type { InsertTarget } from '../store/ui-store';

interface Room {
  doc: GraphDocument;
  /** Where the way in of the pattern begins, and the height of its middle. */
  at: Point;
  parent: string | undefined;
}

/** How far the way in stands from the pattern's own corner. */
function entryOf(part: GraphDocument, pattern: Pattern): { x: number; y: number; bounds: Box } {
  const bounds = boundsOf(part) ?? { x: 0, y: 0, width: 0, height: 0 };
  const node = nodeById(part, pattern.entry);
  if (node === undefined) return { x: 0, y: 0, bounds };
  return { x: boxOf(part, node).x - bounds.x, y: centreOf(part, node).y - bounds.y, bounds };
}

/** Moves on what comes after a flow, until the pattern has room before it. */
function openedUp(doc: GraphDocument, edge: GraphEdge, right: number): GraphDocument {
  const to = nodeById(doc, edge.to);
  if (to === undefined) return doc;
  const by = snap(right + GAP_X - boxOf(doc, to).x);
  const from = nodeById(doc, edge.from);
  if (by <= 0 || from === undefined || boxOf(doc, to).x < boxOf(doc, from).x) return doc;
  const before = upstream(doc, edge.from);
  const left = boxOf(doc, to).x;
  const moving = [edge.to, ...downstream(doc, edge.to)].filter((id) => {
    const node = nodeById(doc, id);
    return id !== edge.from && !before.has(id) && node !== undefined && (id === edge.to || boxOf(doc, node).x >= left);
  });
  return withPlaces(doc, moved(doc, moving, by, 0));
}

/** The nearest place below a wished corner where the whole pattern covers nothing. */
function freeCorner(doc: GraphDocument, parent: string | undefined, size: Box, corner: Point): Point {
  const boxes = childrenOf(doc, parent).map((node) => boxOf(doc, node));
  for (let n = 0; n < 200; n++) {
    const place = { x: corner.x, y: corner.y + n * GRID * 2 };
    if (!boxes.some((box) => boxesOverlap({ ...size, ...place }, box, GAP_Y))) return place;
  }
  return corner;
}

export function insertPattern(context: DesignerContext, pattern: Pattern, target: InsertTarget): Inserted | undefined {
  const { doc } = context.store.getState();
  const part = pattern.build(wordsOf(context.locale()));
  const fragment = copyFragment(part, { nodes: part.nodes.map((node) => node.id) });
  const entry = entryOf(part, pattern);
  const { width } = entry.bounds;
  const put = (room: Room, free: boolean): { doc: GraphDocument; entry: string; exit: string | undefined } => {
    const wished = { x: snap(room.at.x - entry.x), y: snap(room.at.y - entry.y) };
    const corner = free ? freeCorner(room.doc, room.parent, entry.bounds, wished) : wished;
    const pasted = pasteFragment(room.doc, fragment, { corner }, { parent: room.parent });
    const idOf = (id: string): string => pasted.renamed.get(id) ?? id;
    return { doc: pasted.doc, entry: idOf(pattern.entry), exit: pattern.exit === undefined ? undefined : idOf(pattern.exit) };
  };
  const onEdge = (edge: GraphEdge): Inserted | undefined => {
    const from = nodeById(doc, edge.from);
    if (from === undefined || pattern.exit === undefined) return undefined;
    const box = boxOf(doc, from);
    const x = box.x + box.width + gapAfter(from.kind);
    const opened = openedUp(doc, edge, x + width);
    const made = put({ doc: opened, at: { x, y: centreOf(doc, from).y }, parent: from.parent }, false);
    if (made.exit === undefined) return undefined;
    const led: GraphDocument = { ...made.doc, edges: made.doc.edges.map((each) => (each.id === edge.id ? { ...each, to: made.entry } : each)) };
    const title = pattern.exitTitle === undefined ? undefined : localized(pattern.exitTitle, context.locale());
    return { doc: addEdge(led, { from: made.exit, to: edge.to, ...(title !== undefined && { title, default: true }) }).doc, id: made.entry };
  };
  switch (target.where) {
    case 'edge': {
      const edge = edgeById(doc, target.edge);
      return edge === undefined ? undefined : onEdge(edge);
    }
    case 'after': {
      const from = nodeById(doc, target.node);
      if (from === undefined) return undefined;
      const exit = mayBranch(from) ? undefined : outgoing(doc, target.node)[0];
      if (exit !== undefined) return onEdge(exit);
      const box = boxOf(doc, from);
      const made = put({ doc, at: { x: box.x + box.width + gapAfter(from.kind), y: centreOf(doc, from).y }, parent: from.parent }, true);
      return { doc: addEdge(made.doc, { from: target.node, to: made.entry }).doc, id: made.entry };
    }
    case 'end': {
      const from = nodeById(doc, target.from);
      const made = put({ doc, at: target.at, parent: from?.parent }, true);
      if (from === undefined || !canConnect(made.doc, from.id, made.entry).legal) return { doc: made.doc, id: made.entry };
      return { doc: addEdge(made.doc, { from: from.id, to: made.entry }).doc, id: made.entry };
    }
    case 'point': {
      const made = put({ doc, at: { x: target.at.x - width / 2 + entry.x, y: target.at.y }, parent: levelSeen(context, target.at) }, true);
      return { doc: made.doc, id: made.entry };
    }
    default:
      return undefined;
  }
}
