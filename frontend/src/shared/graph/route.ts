// How a sequence flow runs between two boxes: right angles, tips of gateways up and down, loops around what is below.

import type { Box } from './geometry';
import { isGateway } from './kinds';
import type { NodeKind, Point } from './types';

const STUB = 20;
const TIP_MIN = 36;
const MERGE = 32;
const FRAME_SLACK = 16;
const FRAME_LEAST = 80;

export interface Route {
  points: Point[];
  label: Point;
  /** Room for a label on a horizontal stretch; undefined on a vertical one, where it may be as wide as it likes. */
  labelRoom?: number;
}

/**
 * How a flow passes what stands between its ends: a loop above or below it; a flow that leads forward at a height, from tip to
 * tip of its gateways ("tips") or from side to side.
 */
export interface LoopHint {
  side: 'above' | 'below' | 'tips' | 'sides';
  y: number;
  /** Where a way from side to side goes up or down, after the one end and before the other. */
  out?: number;
  into?: number;
}

export function sameHint(a: LoopHint | undefined, b: LoopHint | undefined): boolean {
  return a?.side === b?.side && a?.y === b?.y && a?.out === b?.out && a?.into === b?.into;
}

export interface End {
  box: Box;
  kind: NodeKind;
}

export function routeEdge(source: End, target: End, loop?: LoopHint): Route {
  return labelled(cornersOf(source, target, loop), isGateway(source.kind));
}

function isFrame(end: End): boolean {
  return end.kind === 'sub_process' && end.box.height > FRAME_LEAST;
}

function centre(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** There is room between the ends to leave the one and come to the other. */
export function leadsForward(source: End, target: End): boolean {
  return target.box.x >= source.box.x + source.box.width + STUB * 2;
}

function cornersOf(source: End, target: End, loop?: LoopHint): Point[] {
  if ((loop?.side === 'tips' || loop?.side === 'sides') && leadsForward(source, target)) return past(source, target, loop);
  const from = centre(source.box);
  const to = centre(target.box);
  const right = source.box.x + source.box.width;
  const left = target.box.x;
  const dy = to.y - from.y;
  if (isGateway(source.kind) && Math.abs(dy) >= TIP_MIN && left >= from.x + STUB) {
    const tip = dy < 0 ? source.box.y : source.box.y + source.box.height;
    return [{ x: from.x, y: tip }, { x: from.x, y: to.y }, { x: left, y: to.y }];
  }
  if (isGateway(target.kind) && Math.abs(dy) >= TIP_MIN && right <= to.x - STUB) {
    const tip = dy > 0 ? target.box.y : target.box.y + target.box.height;
    return [{ x: right, y: from.y }, { x: to.x, y: from.y }, { x: to.x, y: tip }];
  }
  // The side of a frame is tall: a flow that is a little off runs straight, not in a small step.
  if (left >= right + STUB && Math.abs(dy) < FRAME_SLACK && isFrame(source) !== isFrame(target)) {
    const y = isFrame(target) ? from.y : to.y;
    return [{ x: right, y }, { x: left, y }];
  }
  if (left >= right + STUB) {
    if (Math.abs(dy) < 2) return [{ x: right, y: to.y }, { x: left, y: to.y }];
    const x = Math.max(right + STUB / 2, left - MERGE);
    return [{ x: right, y: from.y }, { x, y: from.y }, { x, y: to.y }, { x: left, y: to.y }];
  }
  const between = spaceBetween(source.box, target.box);
  if (between !== undefined) {
    const out = right + STUB;
    const into = left - STUB;
    return [
      { x: right, y: from.y },
      { x: out, y: from.y },
      { x: out, y: between },
      { x: into, y: between },
      { x: into, y: to.y },
      { x: left, y: to.y },
    ];
  }
  return loopAround(source.box, target.box, loop);
}

function past(source: End, target: End, hint: LoopHint): Point[] {
  const { side, y } = hint;
  const [from, to] = [centre(source.box), centre(target.box)];
  const right = source.box.x + source.box.width;
  const left = target.box.x;
  const tip = (end: End, at: Point): Point | undefined =>
    side === 'tips' && isGateway(end.kind) && Math.abs(y - at.y) >= TIP_MIN ? { x: at.x, y: y < at.y ? end.box.y : end.box.y + end.box.height } : undefined;
  const [leaves, enters] = [tip(source, from), tip(target, to)];
  const [out, into] = [hint.out ?? right + STUB, hint.into ?? left - STUB];
  return [
    ...(leaves === undefined ? [{ x: right, y: from.y }, { x: out, y: from.y }, { x: out, y }] : [leaves, { x: from.x, y }]),
    ...(enters === undefined ? [{ x: into, y }, { x: into, y: to.y }, { x: left, y: to.y }] : [{ x: to.x, y }, enters]),
  ].filter((point, index, all) => point.x !== all[index - 1]?.x || point.y !== all[index - 1]?.y);
}

function spaceBetween(a: Box, b: Box): number | undefined {
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
  const room = lower.y - (upper.y + upper.height);
  return room >= STUB * 2 ? upper.y + upper.height + room / 2 : undefined;
}

function loopAround(source: Box, target: Box, loop?: LoopHint): Point[] {
  const above = loop?.side === 'above';
  const floor = above ? Math.min(source.y, target.y) - STUB * 2 : Math.max(source.y + source.height, target.y + target.height) + STUB * 2;
  const y = loop === undefined ? floor : above ? Math.min(floor, loop.y) : Math.max(floor, loop.y);
  const from = { x: source.x + source.width / 2, y: above ? source.y : source.y + source.height };
  const to = { x: target.x + target.width / 2, y: above ? target.y : target.y + target.height };
  return [from, { x: from.x, y }, { x: to.x, y }, to];
}

function labelled(points: Point[], branch: boolean): Route {
  let best = 0;
  let length = -1;
  for (let index = 0; index + 1 < points.length; index++) {
    const [a, b] = [points[index], points[index + 1]];
    if (a === undefined || b === undefined) continue;
    const size = Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
    // A branch is named where it leaves its gateway.
    if (branch && index === 0 && size >= 40) return at(points, a, b);
    if (size > length) {
      best = index;
      length = size;
    }
  }
  const [a, b] = [points[best], points[best + 1]];
  return a === undefined || b === undefined ? { points, label: { x: 0, y: 0 } } : at(points, a, b);
}

function at(points: Point[], a: Point, b: Point): Route {
  const label = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  return a.y === b.y ? { points, label, labelRoom: Math.abs(a.x - b.x) } : { points, label };
}

/** The SVG path through points with rounded corners, ending `short` before the last one, where an arrow head stands. */
export function pathThrough(points: readonly Point[], radius: number, short = 0): string {
  const first = points[0];
  if (first === undefined) return '';
  let path = `M${coordinates(first)}`;
  for (let index = 1; index < points.length; index++) {
    const previous = points[index - 1];
    const point = points[index];
    const next = points[index + 1];
    if (previous === undefined || point === undefined) continue;
    if (next === undefined) {
      path += `L${coordinates(towards(point, previous, short))}`;
      continue;
    }
    const bend = Math.min(radius, distance(previous, point) / 2, distance(point, next) / 2);
    path += `L${coordinates(towards(point, previous, bend))}Q${coordinates(point)} ${coordinates(towards(point, next, bend))}`;
  }
  return path;
}

/** A filled triangle at the end of the way. */
export function arrowHead(points: readonly Point[], size: number): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const base = towards(tip, before, size);
  const half = size / 2;
  const across = Math.abs(tip.x - before.x) > Math.abs(tip.y - before.y) ? { x: 0, y: half } : { x: half, y: 0 };
  const a = { x: base.x + across.x, y: base.y + across.y };
  const b = { x: base.x - across.x, y: base.y - across.y };
  return `M${coordinates(a)}L${coordinates(tip)}L${coordinates(b)}Z`;
}

/** The same way, ending earlier. */
export function shortened(points: readonly Point[], by: number): Point[] {
  const tip = points.at(-1);
  const before = points.at(-2);
  return tip === undefined || before === undefined ? [...points] : [...points.slice(0, -1), towards(tip, before, by)];
}

function distance(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

function towards(from: Point, to: Point, by: number): Point {
  const length = distance(from, to);
  if (length === 0) return from;
  const share = Math.min(1, by / length);
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function coordinates(point: Point): string {
  return `${String(Math.round(point.x * 10) / 10)} ${String(Math.round(point.y * 10) / 10)}`;
}
