// From a document to React Flow's nodes and edges. What did not change keeps its identity, so that it is not drawn again.

import { Position } from '@xyflow/react';

import { routeHints } from '../graph/detours';
import { foldOf } from '../graph/fold';
import { boxOf, frameBox, noteBox, outline, type Box } from '../graph/geometry';
import { hasExit, isChoice, isGateway, shapeOf, takesEntry, type Shape } from '../graph/kinds';
import { around, nodeById, undoneBy } from '../graph/query';
import { frameRef, noteRef } from '../graph/refs';
import { sameHint } from '../graph/route';
import type { Frame, GraphDocument, GraphNode, Note } from '../graph/types';
import type { CanvasSelection } from './canvas-context';
import type { CanvasEdge, CanvasNode, CaptionSide, GroupNode, NoteNode, StepNode } from './flow-types';

const HIT = 24;

function handlesOf(node: GraphNode, box: Box): NonNullable<StepNode['handles']> {
  const shape = outline(node.kind, { x: 0, y: 0 }, box);
  const y = box.height / 2 - HIT / 2;
  const target = { type: 'target' as const, position: Position.Left, x: shape.x - HIT / 2, y, width: HIT, height: HIT };
  const source = { type: 'source' as const, position: Position.Right, x: shape.x + shape.width - HIT / 2, y, width: HIT, height: HIT };
  return [...(takesEntry(node.kind) ? [target] : []), ...(hasExit(node.kind) ? [source] : [])];
}

/** A folded sub-process is drawn as a task, what is folded in a frame as a chip. */
export function drawnShape(node: GraphNode): Shape {
  return foldOf(node) === undefined ? shapeOf(node.kind) : 'task';
}

/** Frames lie below what they hold, events above the card that they stand on. */
function levelOf(doc: GraphDocument, node: GraphNode): number {
  if (drawnShape(node) === 'frame') return around(doc, node.id).length * 2 - 200;
  return node.boundary === undefined ? 0 : 1;
}

function groupLevel(doc: GraphDocument, frame: Frame): number {
  const first = frame.nodes.find((id) => nodeById(doc, id) !== undefined) ?? '';
  return around(doc, first).length * 2 - 201;
}

interface Tips {
  above: boolean;
  below: boolean;
  /** A flow comes in by a tip: the space before the gateway is the inside of a block. */
  joins: boolean;
}

/** Titles stand below, unless a flow leaves or enters there. */
export function captionSides(doc: GraphDocument): Map<string, CaptionSide> {
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
  return (node) => hasExit(node.kind) && foldOf(node)?.what !== 'frame' && undoneBy(doc, node.id).length === 0 && (isGateway(node.kind) || !leaving.has(node.id));
}

export interface NodeOptions {
  draggable: boolean;
  selection: CanvasSelection;
}

/** The old node when nothing of it changed. */
function same(old: CanvasNode | undefined, next: CanvasNode): boolean {
  return (
    old?.data === next.data &&
    old.position.x === next.position.x &&
    old.position.y === next.position.y &&
    old.width === next.width &&
    old.height === next.height &&
    old.selected === next.selected &&
    old.draggable === next.draggable &&
    old.zIndex === next.zIndex
  );
}

function place(box: Box) {
  return { position: { x: box.x, y: box.y }, width: box.width, height: box.height };
}

export function toFlowNodes(doc: GraphDocument, options: NodeOptions, previous: readonly CanvasNode[]): CanvasNode[] {
  const before = new Map(previous.map((node) => [node.id, node]));
  const kept = (next: CanvasNode): CanvasNode => {
    const old = before.get(next.id);
    return old !== undefined && same(old, next) ? old : next;
  };
  const { draggable, selection } = options;
  const groups = new Set(selection.frames ?? []);
  const notes = new Set(selection.notes ?? []);
  const selected = new Set(selection.nodes);
  const captions = captionSides(doc);
  const open = isOpen(doc);
  return [
    ...(doc.layout.frames ?? []).flatMap((frame) => {
      const box = frameBox(doc, frame);
      return box === undefined ? [] : [kept(toGroup(doc, frame, box, before.get(frameRef(frame.id)), { draggable, selected: groups.has(frame.id) }))];
    }),
    ...(doc.notes ?? []).map((note) => kept(toNote(note, before.get(noteRef(note.id)), { draggable, selected: notes.has(note.id) }))),
    ...doc.nodes.map((node): CanvasNode => {
      const box = boxOf(doc, node);
      const caption = captions.get(node.id) ?? 'below';
      const old = before.get(node.id);
      const data = { node, caption, open: open(node), undoes: undoneBy(doc, node.id).length > 0 };
      const unchanged =
        old !== undefined && isStep(old) && old.data.node === node && old.data.caption === caption && old.data.open === data.open && old.data.undoes === data.undoes;
      const chip = foldOf(node)?.what === 'frame';
      return kept({
        id: node.id,
        type: drawnShape(node),
        ...place(box),
        data: unchanged ? old.data : data,
        selected: chip ? groups.has(node.id.slice('frame:'.length)) : selected.has(node.id),
        draggable: draggable && node.boundary === undefined,
        zIndex: levelOf(doc, node),
        handles: handlesOf(node, box),
      });
    }),
  ];
}

export function isStep(node: CanvasNode): node is StepNode {
  return node.type !== 'note' && node.type !== 'group';
}

interface Shown {
  draggable: boolean;
  selected: boolean;
}

function toGroup(doc: GraphDocument, frame: Frame, box: Box, old: CanvasNode | undefined, shown: Shown): GroupNode {
  const data = { id: frame.id, title: frame.title, color: frame.color, nodes: frame.nodes, origin: { x: box.x, y: box.y } };
  const unchanged =
    old?.type === 'group' && old.data.title === data.title && old.data.color === data.color && old.data.nodes === data.nodes &&
    old.data.origin.x === box.x && old.data.origin.y === box.y;
  return { id: frameRef(frame.id), type: 'group', ...place(box), data: unchanged ? old.data : data, ...shown, zIndex: groupLevel(doc, frame), dragHandle: '.tkc-group-title' };
}

function toNote(note: Note, old: CanvasNode | undefined, shown: Shown): NoteNode {
  return { id: noteRef(note.id), type: 'note', ...place(noteBox(note)), data: old?.type === 'note' && old.data.note === note ? old.data : { note }, ...shown, zIndex: -50 };
}

export function toFlowEdges(doc: GraphDocument, selection: CanvasSelection, previous: readonly CanvasEdge[]): CanvasEdge[] {
  const before = new Map(previous.map((edge) => [edge.id, edge]));
  const selected = new Set(selection.edges);
  const hints = routeHints(doc);
  const choices = new Set(doc.nodes.filter((node) => isChoice(node.kind)).map((node) => node.id));
  const known = new Set(doc.nodes.map((node) => node.id));
  const flows = doc.edges
    .filter((edge) => known.has(edge.from) && known.has(edge.to))
    .map((edge): CanvasEdge => {
      const loop = hints.get(edge.id);
      const choice = choices.has(edge.from);
      const isSelected = selected.has(edge.id);
      const old = before.get(edge.id);
      const unchanged = old?.type === 'flow' && old.data?.edge === edge && old.data.choice === choice && sameHint(old.data.loop, loop);
      if (unchanged && old.selected === isSelected) return old;
      return {
        id: edge.id,
        type: 'flow',
        source: edge.from,
        target: edge.to,
        data: { edge, loop, choice },
        selected: isSelected,
      };
    });
  const undoing = doc.nodes.flatMap((node): CanvasEdge[] => {
    const { id, undone_by: handler } = node;
    if (handler === undefined || !known.has(handler)) return [];
    const old = before.get(`undo:${id}`);
    return [old?.target === handler ? old : { id: `undo:${id}`, type: 'undo', source: id, target: handler, selectable: false, focusable: false, reconnectable: false }];
  });
  return [...flows, ...undoing];
}
