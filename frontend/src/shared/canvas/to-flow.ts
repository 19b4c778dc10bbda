// From a document to React Flow's nodes and edges. What did not change keeps its identity, so that it is not drawn again.

import { Position } from '@xyflow/react';

import { boxOf, outline, type Box } from '../graph/geometry';
import { hasExit, isChoice, isGateway, shapeOf, takesEntry } from '../graph/kinds';
import { loopHints } from '../graph/loops';
import { around } from '../graph/query';
import type { GraphDocument, GraphNode, NodeKind } from '../graph/types';
import type { CanvasSelection } from './canvas-context';
import type { CanvasEdge, CanvasNode, CaptionSide } from './flow-types';

const HIT = 24;

function handlesOf(kind: NodeKind, box: Box): NonNullable<CanvasNode['handles']> {
  const shape = outline(kind, { x: 0, y: 0 }, box);
  const y = box.height / 2 - HIT / 2;
  const target = { type: 'target' as const, position: Position.Left, x: shape.x - HIT / 2, y, width: HIT, height: HIT };
  const source = { type: 'source' as const, position: Position.Right, x: shape.x + shape.width - HIT / 2, y, width: HIT, height: HIT };
  return [...(takesEntry(kind) ? [target] : []), ...(hasExit(kind) ? [source] : [])];
}

/** Frames lie below what they hold, events above the card that they stand on. */
function levelOf(doc: GraphDocument, node: GraphNode): number {
  if (node.kind === 'sub_process') return around(doc, node.id).length - 100;
  return node.boundary === undefined ? 0 : 1;
}

interface Tips {
  above: boolean;
  below: boolean;
  /** A flow comes in by a tip: the space before the gateway is the inside of a block. */
  joins: boolean;
}

/** Titles stand below, unless a flow leaves or enters there. */
function captionSides(doc: GraphDocument): Map<string, CaptionSide> {
  const centres = new Map(
    doc.nodes.map((node) => {
      const box = boxOf(doc, node);
      return [node.id, box.y + box.height / 2];
    }),
  );
  const used = new Map<string, Tips>();
  const note = (id: string, dy: number, joins: boolean): void => {
    if (Math.abs(dy) < 36) return;
    const tips = used.get(id) ?? { above: false, below: false, joins: false };
    used.set(id, { above: tips.above || dy < 0, below: tips.below || dy > 0, joins: tips.joins || joins });
  };
  for (const edge of doc.edges) {
    const dy = (centres.get(edge.to) ?? 0) - (centres.get(edge.from) ?? 0);
    note(edge.from, dy, false);
    note(edge.to, -dy, true);
  }
  const sides = new Map<string, CaptionSide>();
  for (const node of doc.nodes) {
    const tips = used.get(node.id);
    if (!isGateway(node.kind) || tips?.below !== true) sides.set(node.id, 'below');
    else if (tips.above) sides.set(node.id, tips.joins ? 'before' : 'after');
    else sides.set(node.id, 'above');
  }
  return sides;
}

function isOpen(doc: GraphDocument): (node: GraphNode) => boolean {
  const leaving = new Set(doc.edges.map((edge) => edge.from));
  return (node) => hasExit(node.kind) && (isGateway(node.kind) || !leaving.has(node.id));
}

export interface NodeOptions {
  draggable: boolean;
  selection: CanvasSelection;
}

export function toFlowNodes(doc: GraphDocument, options: NodeOptions, previous: readonly CanvasNode[]): CanvasNode[] {
  const before = new Map(previous.map((node) => [node.id, node]));
  const selected = new Set(options.selection.nodes);
  const captions = captionSides(doc);
  const open = isOpen(doc);
  return doc.nodes.map((node): CanvasNode => {
    const box = boxOf(doc, node);
    const caption = captions.get(node.id) ?? 'below';
    const isSelected = selected.has(node.id);
    const draggable = options.draggable && node.boundary === undefined;
    const zIndex = levelOf(doc, node);
    const old = before.get(node.id);
    const data = old?.data.node === node && old.data.caption === caption && old.data.open === open(node) ? old.data : { node, caption, open: open(node) };
    if (
      old?.data === data &&
      old.position.x === box.x &&
      old.position.y === box.y &&
      old.width === box.width &&
      old.height === box.height &&
      old.selected === isSelected &&
      old.draggable === draggable &&
      old.zIndex === zIndex
    ) {
      return old;
    }
    return {
      id: node.id,
      type: shapeOf(node.kind),
      position: { x: box.x, y: box.y },
      data,
      selected: isSelected,
      draggable,
      zIndex,
      width: box.width,
      height: box.height,
      handles: handlesOf(node.kind, box),
    };
  });
}

export function toFlowEdges(doc: GraphDocument, selection: CanvasSelection, previous: readonly CanvasEdge[]): CanvasEdge[] {
  const before = new Map(previous.map((edge) => [edge.id, edge]));
  const selected = new Set(selection.edges);
  const hints = loopHints(doc);
  const choices = new Set(doc.nodes.filter((node) => isChoice(node.kind)).map((node) => node.id));
  const known = new Set(doc.nodes.map((node) => node.id));
  return doc.edges
    .filter((edge) => known.has(edge.from) && known.has(edge.to))
    .map((edge): CanvasEdge => {
      const loop = hints.get(edge.id);
      const choice = choices.has(edge.from);
      const isSelected = selected.has(edge.id);
      const old = before.get(edge.id);
      const same = old?.data?.edge === edge && old.data.choice === choice && old.data.loop?.y === loop?.y && old.data.loop?.side === loop?.side;
      if (same && old.selected === isSelected) return old;
      return {
        id: edge.id,
        type: 'flow',
        source: edge.from,
        target: edge.to,
        data: { edge, loop, choice },
        selected: isSelected,
      };
    });
}
