// Sizes and places of nodes on the canvas. Places are top left corners; it is centres that snap to the 8 px grid, so that
// nodes of different kinds stand in line and straight flows stay straight.

import { foldOf } from './fold';
import { indexOf } from './graph-index';
import { isChoice, isGateway, shapeOf, type Shape } from './kinds';
import type { Frame, GraphDocument, GraphNode, NodeKind, Note, Point } from './types';

export const GRID = 8;
export const GAP_X = 72;
export const GAP_Y = 40;

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Point, Size {}

const TASK: Size = { width: 220, height: 72 };
const EVENT: Size = { width: 44, height: 44 };
const GATEWAY: Size = { width: 44, height: 44 };
// The tips of a gateway's diamond stand out of its box.
const TIP = 6;

const FRAME: Size = { width: 320, height: 136 };

const SIZES: Readonly<Record<Shape, Size>> = { task: TASK, event: EVENT, gateway: GATEWAY, frame: FRAME };

/** The size of a node by itself; a sub-process is as large as what it holds (see boxOf). */
export function sizeOf(kind: NodeKind): Size {
  return SIZES[shapeOf(kind)];
}

/** The room after a node: more after a choice, whose branches carry labels. */
export function gapAfter(kind: NodeKind): number {
  return isChoice(kind) ? GAP_X + 56 : GAP_X;
}

/** A folded sub-process is as large as a task, a folded frame is a chip. */
const CHIP: Size = { width: 220, height: 44 };

function foldedSize(node: GraphNode): Size {
  return foldOf(node)?.what === 'frame' ? CHIP : TASK;
}

/** The size of a node as it is drawn, without what it holds. */
export function ownSize(node: GraphNode): Size {
  return foldOf(node) === undefined ? sizeOf(node.kind) : foldedSize(node);
}

/** Where a node was put; see boxOf for where it stands. */
export function placeOf(doc: GraphDocument, id: string): Point {
  return doc.layout.nodes?.[id] ?? { x: 0, y: 0 };
}

/** The room that a sub-process leaves around what it holds: its title stands above. */
export const PADDING = { left: 44, top: 60, right: 44, bottom: 52 };

/** Events stand on the lower border of their activity, from its right end on. */
const BORDER_STEP = 52;
const BORDER_END = 16;

const BOXES = new WeakMap<GraphDocument, Map<GraphNode, Box>>();

/** Where a node stands: a sub-process around what it holds, an event on the border of its activity, others where they were put. */
export function boxOf(doc: GraphDocument, node: GraphNode): Box {
  if (node.boundary === undefined && node.kind !== 'sub_process') return { ...placeOf(doc, node.id), ...sizeOf(node.kind) };
  let known = BOXES.get(doc);
  if (known === undefined) {
    known = new Map<GraphNode, Box>();
    BOXES.set(doc, known);
  }
  return boxFrom(doc, node, known);
}

function boxFrom(doc: GraphDocument, node: GraphNode, known: Map<GraphNode, Box>): Box {
  const found = known.get(node);
  if (found !== undefined) return found;
  const own = { ...placeOf(doc, node.id), ...(foldOf(node) === undefined ? sizeOf(node.kind) : foldedSize(node)) };
  if (node.boundary === undefined && node.kind !== 'sub_process') return own;
  known.set(node, own); // a document of somebody else may hold a circle
  const box = node.boundary !== undefined ? onBorder(doc, node, node.boundary.on, known) : around(doc, node, known);
  if (box !== undefined) known.set(node, box);
  return box ?? own;
}

function onBorder(doc: GraphDocument, node: GraphNode, on: string, known: Map<GraphNode, Box>): Box | undefined {
  const index = indexOf(doc);
  const host = index.nodes.get(on);
  if (host === undefined || host.boundary !== undefined) return undefined;
  const box = boxFrom(doc, host, known);
  const at = (index.border.get(on) ?? []).findIndex((each) => each.id === node.id);
  return { x: box.x + box.width - EVENT.width - BORDER_END - at * BORDER_STEP, y: box.y + box.height - EVENT.height / 2, ...EVENT };
}

function around(doc: GraphDocument, node: GraphNode, known: Map<GraphNode, Box>): Box | undefined {
  if (foldOf(node) !== undefined) return undefined;
  const held = (indexOf(doc).children.get(node.id) ?? []).filter((each) => each.boundary === undefined);
  const box = enclosing(held.map((each) => boxFrom(doc, each, known)), PADDING);
  return box === undefined ? undefined : { ...box, width: Math.max(FRAME.width, box.width), height: Math.max(FRAME.height, box.height) };
}

interface Padding {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The box around boxes, with room to each side; undefined around nothing. */
export function enclosing(boxes: readonly Box[], padding: Padding = NO_PADDING): Box | undefined {
  if (boxes.length === 0) return undefined;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const box of boxes) {
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  left -= padding.left;
  top -= padding.top;
  return { x: left, y: top, width: right + padding.right - left, height: bottom + padding.bottom - top };
}

const NO_PADDING: Padding = { left: 0, top: 0, right: 0, bottom: 0 };

/** The room that a frame leaves around its nodes: titles of events stand below them, the frame's own above. */
export const FRAME_PADDING: Padding = { left: 28, top: 44, right: 28, bottom: 36 };

/** Where a frame stands: around its nodes and the events on their borders; undefined when it has none. */
export function frameBox(doc: GraphDocument, frame: Frame): Box | undefined {
  const index = indexOf(doc);
  const boxes = frame.nodes.flatMap((id) => {
    const node = index.nodes.get(id);
    if (node === undefined) return [];
    return [boxOf(doc, node), ...(index.border.get(id) ?? []).map((event) => boxOf(doc, event))];
  });
  return enclosing(boxes, FRAME_PADDING);
}

export function noteBox(note: Note): Box {
  return { x: note.x, y: note.y, width: note.width, height: note.height };
}

export function centreOf(doc: GraphDocument, node: GraphNode): Point {
  const box = boxOf(doc, node);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

export function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}

/** The place near a wished one whose centre lies on the grid. */
export function snapPlace(kind: NodeKind, place: Point): Point {
  const { width, height } = sizeOf(kind);
  return { x: snap(place.x + width / 2) - width / 2, y: snap(place.y + height / 2) - height / 2 };
}

/** What flows end at: a gateway's tips, else the box itself. */
export function outline(kind: NodeKind, place: Point, size: Size = sizeOf(kind)): Box {
  const { width, height } = size;
  const by = isGateway(kind) ? TIP : 0;
  return { x: place.x - by, y: place.y - by, width: width + by * 2, height: height + by * 2 };
}

/** The top of a node of this kind whose centre stands at a height. */
export function topForCentre(kind: NodeKind, centreY: number): number {
  return centreY - sizeOf(kind).height / 2;
}

export function boxesOverlap(a: Box, b: Box, gap = 0): boolean {
  return a.x < b.x + b.width + gap && b.x < a.x + a.width + gap && a.y < b.y + b.height + gap && b.y < a.y + a.height + gap;
}

/** The box around everything that is drawn. */
export function boundsOf(doc: GraphDocument): Box | undefined {
  return enclosing([
    ...doc.nodes.map((node) => boxOf(doc, node)),
    ...(doc.layout.frames ?? []).flatMap((frame) => frameBox(doc, frame) ?? []),
    ...(doc.notes ?? []).map(noteBox),
  ]);
}

/** The free place in its level nearest to the wished one, looked for below and above in turn. */
export function freePlace(doc: GraphDocument, node: GraphNode, wished: Point): Point {
  const { kind } = node;
  const boxes = doc.nodes.filter((each) => each.id !== node.id && each.parent === node.parent).map((each) => boxOf(doc, each));
  const size = sizeOf(kind);
  const start = snapPlace(kind, wished);
  const step = GRID * 2;
  for (let n = 0; n < 400; n++) {
    const offset = Math.ceil(n / 2) * step * (n % 2 === 1 ? 1 : -1);
    const place = { x: start.x, y: start.y + offset };
    if (!boxes.some((box) => boxesOverlap({ ...place, ...size }, box, GRID * 3))) return place;
  }
  return start;
}
