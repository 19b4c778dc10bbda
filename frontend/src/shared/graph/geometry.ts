// Sizes and places of nodes on the canvas. Places are top left corners; it is centres that snap to the 8 px grid, so that
// nodes of different kinds stand in line and straight flows stay straight.

import { isChoice, isGateway, shapeOf, type Shape } from './kinds';
import type { GraphDocument, GraphNode, NodeKind, Point } from './types';

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

/** Where a node was put; see boxOf for where it stands. */
export function placeOf(doc: GraphDocument, id: string): Point {
  return doc.layout.nodes?.[id] ?? { x: 0, y: 0 };
}

/** The room that a sub-process leaves around what it holds: its title stands above. */
export const PADDING = { left: 44, top: 60, right: 44, bottom: 52 };

/** Events stand on the lower border of their activity, from its right end on. */
const BORDER_STEP = 52;
const BORDER_END = 16;

/** Where a node stands: a sub-process around what it holds, an event on the border of its activity, others where they were put. */
export function boxOf(doc: GraphDocument, node: GraphNode, depth = 0): Box {
  const own = { ...placeOf(doc, node.id), ...sizeOf(node.kind) };
  if (depth > 50) return own; // a document of somebody else may hold a circle
  if (node.boundary !== undefined) {
    const { on } = node.boundary;
    const host = doc.nodes.find((each) => each.id === on && each.boundary === undefined);
    if (host === undefined) return own;
    const box = boxOf(doc, host, depth + 1);
    const index = doc.nodes.filter((each) => each.boundary?.on === on).findIndex((each) => each.id === node.id);
    return {
      x: box.x + box.width - EVENT.width - BORDER_END - index * BORDER_STEP,
      y: box.y + box.height - EVENT.height / 2,
      ...EVENT,
    };
  }
  if (node.kind !== 'sub_process') return own;
  const held = doc.nodes.filter((each) => each.parent === node.id && each.boundary === undefined);
  if (held.length === 0) return own;
  const boxes = held.map((each) => boxOf(doc, each, depth + 1));
  const left = Math.min(...boxes.map((box) => box.x)) - PADDING.left;
  const top = Math.min(...boxes.map((box) => box.y)) - PADDING.top;
  const right = Math.max(...boxes.map((box) => box.x + box.width)) + PADDING.right;
  const bottom = Math.max(...boxes.map((box) => box.y + box.height)) + PADDING.bottom;
  return { x: left, y: top, width: Math.max(FRAME.width, right - left), height: Math.max(FRAME.height, bottom - top) };
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

export function boundsOf(doc: GraphDocument): Box | undefined {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const node of doc.nodes) {
    const box = boxOf(doc, node);
    left = Math.min(left, box.x);
    top = Math.min(top, box.y);
    right = Math.max(right, box.x + box.width);
    bottom = Math.max(bottom, box.y + box.height);
  }
  return doc.nodes.length === 0 ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
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
