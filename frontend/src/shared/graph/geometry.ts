// Sizes and places of nodes on the canvas. Places are top left corners; it is centres that snap to the 8 px grid, so that
// nodes of different kinds stand in line and straight flows stay straight.

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

const SIZES: Readonly<Record<NodeKind, Size>> = {
  start_event: EVENT,
  end_event: EVENT,
  service_task: TASK,
  script_task: TASK,
  exclusive_gateway: GATEWAY,
  parallel_gateway: GATEWAY,
};

export function sizeOf(kind: NodeKind): Size {
  return SIZES[kind];
}

export function isTask(kind: NodeKind): boolean {
  return kind === 'service_task' || kind === 'script_task';
}

export function isGateway(kind: NodeKind): boolean {
  return kind === 'exclusive_gateway' || kind === 'parallel_gateway';
}

/** The room after a node: more after a choice, whose branches carry labels. */
export function gapAfter(kind: NodeKind): number {
  return kind === 'exclusive_gateway' ? GAP_X + 56 : GAP_X;
}

export function placeOf(doc: GraphDocument, id: string): Point {
  return doc.layout.nodes?.[id] ?? { x: 0, y: 0 };
}

export function boxOf(doc: GraphDocument, node: GraphNode): Box {
  return { ...placeOf(doc, node.id), ...sizeOf(node.kind) };
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
export function outline(kind: NodeKind, place: Point): Box {
  const { width, height } = sizeOf(kind);
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

/** The free place nearest to the wished one, looked for below and above in turn. */
export function freePlace(doc: GraphDocument, kind: NodeKind, wished: Point, ignore: ReadonlySet<string> = new Set()): Point {
  const boxes = doc.nodes.filter((node) => !ignore.has(node.id)).map((node) => boxOf(doc, node));
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
