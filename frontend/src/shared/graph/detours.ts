// Where a flow that leads forward would run through a card, it passes above or below what stands between its ends.

import { boxOf, outline, type Box } from './geometry';
import { loopHints } from './loops';
import { around, nodeById } from './query';
import { leadsForward, routeEdge, type End, type LoopHint } from './route';
import type { GraphDocument, GraphEdge, Point } from './types';

/** From a card to the flow that passes it. */
const LANE = 20;
/** A way is looked for that keeps this far from every card, else one that touches none. */
const CLEARANCES = [10, 0];
/** A line may follow the edge of a card without being in its way. */
const SLACK = 2;
/** Flows that pass side by side are told apart. */
const APART = 8;
const COLUMN = 256;
/** How far above and below its ends a flow goes out of its way. */
const FAR = 480;

/** How each flow passes what is in its way; flows that have nothing in their way are absent. */
export function routeHints(doc: GraphDocument): Map<string, LoopHint> {
  const hints = loopHints(doc);
  const boxes = new Map(doc.nodes.map((node) => [node.id, boxOf(doc, node)]));
  const columns = inColumns(doc, boxes);
  const lanes: Lane[] = [];
  for (const edge of doc.edges) {
    const [from, to] = [endOf(doc, edge.from, boxes), endOf(doc, edge.to, boxes)];
    if (hints.has(edge.id) || from === undefined || to === undefined || !leadsForward(from, to)) continue;
    const hint = detour(from, to, obstacles(doc, edge, from, to, columns), lanes.filter((lane) => lane.edge.from !== edge.from && lane.edge.to !== edge.to));
    if (hint === undefined) continue;
    hints.set(edge.id, hint);
    lanes.push({ edge, y: hint.y, left: from.box.x + from.box.width, right: to.box.x });
  }
  return hints;
}

interface Lane {
  edge: GraphEdge;
  y: number;
  left: number;
  right: number;
}

interface Standing {
  id: string;
  /** Of an event: what it stands on. */
  on: string | undefined;
  box: Box;
}

type Columns = ReadonlyMap<number, readonly Standing[]>;

function endOf(doc: GraphDocument, id: string, boxes: ReadonlyMap<string, Box>): End | undefined {
  const node = nodeById(doc, id);
  const box = boxes.get(id);
  return node === undefined || box === undefined ? undefined : { kind: node.kind, box: outline(node.kind, box, box) };
}

/** The nodes by the columns that they stand in: a flow asks only for those that it passes. */
function inColumns(doc: GraphDocument, boxes: ReadonlyMap<string, Box>): Columns {
  const columns = new Map<number, Standing[]>();
  for (const node of doc.nodes) {
    const box = boxes.get(node.id);
    if (box === undefined) continue;
    const standing = { id: node.id, on: node.boundary?.on, box };
    for (let at = Math.floor(box.x / COLUMN); at <= Math.floor((box.x + box.width) / COLUMN); at++) {
      const column = columns.get(at);
      if (column === undefined) columns.set(at, [standing]);
      else column.push(standing);
    }
  }
  return columns;
}

function obstacles(doc: GraphDocument, edge: GraphEdge, from: End, to: End, columns: Columns): Box[] {
  const top = Math.min(from.box.y, to.box.y) - FAR;
  const bottom = Math.max(from.box.y + from.box.height, to.box.y + to.box.height) + FAR;
  const found = new Set<Standing>();
  for (let at = Math.floor(from.box.x / COLUMN); at <= Math.floor((to.box.x + to.box.width) / COLUMN); at++) {
    for (const each of columns.get(at) ?? []) if (each.box.y <= bottom && each.box.y + each.box.height >= top) found.add(each);
  }
  // Neither the ends, nor what they stand on or lie in, nor what stands on them.
  const own = new Set([edge.from, edge.to, ...around(doc, edge.from), ...around(doc, edge.to)]);
  const host = nodeById(doc, edge.from)?.boundary?.on;
  if (host !== undefined) own.add(host);
  return [...found].flatMap(({ id, on, box }) => (own.has(id) || (on !== undefined && own.has(on)) ? [] : [box]));
}

/** The nearest clear way; undefined when the plain one is clear, or none is. */
function detour(from: End, to: End, boxes: readonly Box[], lanes: readonly Lane[]): LoopHint | undefined {
  if (!boxes.some((box) => crosses(routeEdge(from, to).points, box, -SLACK))) return undefined;
  const [start, end] = [middleOf(from), middleOf(to)];
  const way = (y: number): number => Math.abs(y - start) + Math.abs(y - end);
  const [left, right] = [from.box.x + from.box.width, to.box.x];
  const free = (y: number): boolean => !lanes.some((lane) => Math.abs(lane.y - y) < APART && lane.left < right && lane.right > left);
  const heights = boxes.flatMap(({ y, height }) => [y - LANE, y + height + LANE, y - LANE + APART, y + height + LANE - APART]);
  const nearest = [...new Set([start, end, ...heights])].filter(free).sort((a, b) => way(a) - way(b));
  const gaps = { out: gap(left + LANE, right, 1, boxes), into: gap(right - LANE, left, -1, boxes) };
  const ways = [
    ...nearest.flatMap((y): LoopHint[] => [{ side: 'tips', y }, { side: 'sides', y }]),
    ...nearest.map((y): LoopHint => ({ side: 'sides', y, ...gaps })),
  ];
  for (const clearance of CLEARANCES) {
    const clear = ways.find((hint) => {
      const { points } = routeEdge(from, to, hint);
      return !boxes.some((box) => crosses(points, box, clearance));
    });
    if (clear !== undefined) return clear;
  }
  return undefined;
}

/** The first place, going from an end towards the other, where nothing stands above or below. */
function gap(begin: number, limit: number, step: 1 | -1, boxes: readonly Box[]): number {
  let x = begin;
  for (let moved = true; moved && (limit - x) * step > 0; ) {
    const inside = boxes.find((box) => x > box.x - LANE / 2 && x < box.x + box.width + LANE / 2);
    moved = inside !== undefined;
    if (inside !== undefined) x = step === 1 ? inside.x + inside.width + LANE : inside.x - LANE;
  }
  return (limit - x) * step > 0 ? x : begin;
}

function middleOf({ box }: End): number {
  return box.y + box.height / 2;
}

function crosses(points: readonly Point[], box: Box, clearance: number): boolean {
  return points.some((a, index) => {
    const b = points[index + 1];
    if (b === undefined) return false;
    return (
      Math.min(a.x, b.x) < box.x + box.width + clearance &&
      Math.max(a.x, b.x) > box.x - clearance &&
      Math.min(a.y, b.y) < box.y + box.height + clearance &&
      Math.max(a.y, b.y) > box.y - clearance
    );
  });
}
