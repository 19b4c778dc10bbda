// The diagrams of a BPMN file: which shape and which line stand for an element, and how far its coordinates are from ours.

import type { Box } from '../graph/geometry';
import type { Point } from '../graph/types';
import { childOf, is, listOf, numberOf, type BpmnElement } from './moddle';

export interface Drawing {
  /** By what they stand for. */
  shapes: ReadonlyMap<BpmnElement, BpmnElement>;
  lines: ReadonlyMap<BpmnElement, BpmnElement>;
  /** The plane on which a shape or line lies. */
  planes: ReadonlyMap<BpmnElement, BpmnElement>;
}

/** The shapes of all diagrams; where several show an element, the first of the given ones counts. */
export function drawingOf(definitions: BpmnElement, first: number | undefined): Drawing {
  const diagrams = listOf(definitions, 'diagrams');
  const chosen = first === undefined ? undefined : diagrams[first];
  const shapes = new Map<BpmnElement, BpmnElement>();
  const lines = new Map<BpmnElement, BpmnElement>();
  const planes = new Map<BpmnElement, BpmnElement>();
  for (const diagram of chosen === undefined ? diagrams : [chosen, ...diagrams.filter((each) => each !== chosen)]) {
    const plane = childOf(diagram, 'plane');
    if (plane === undefined) continue;
    for (const drawn of listOf(plane, 'planeElement')) {
      const element = childOf(drawn, 'bpmnElement');
      if (element === undefined) continue;
      const known = drawn.$type === 'bpmndi:BPMNShape' ? shapes : drawn.$type === 'bpmndi:BPMNEdge' ? lines : undefined;
      if (known === undefined || known.has(element)) continue;
      known.set(element, drawn);
      planes.set(drawn, plane);
    }
  }
  return { shapes, lines, planes };
}

export function boundsOf(shape: BpmnElement | undefined): Box | undefined {
  const bounds = childOf(shape, 'bounds');
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => numberOf(bounds, name));
  if (x === undefined || y === undefined || width === undefined || height === undefined) return undefined;
  return { x, y, width: Math.max(0, width), height: Math.max(0, height) };
}

export function waypointsOf(line: BpmnElement | undefined): Point[] {
  return listOf(line, 'waypoint').map((point) => ({ x: numberOf(point, 'x') ?? 0, y: numberOf(point, 'y') ?? 0 }));
}

/** How much wider than theirs our picture is, so that cards which are larger than theirs do not cover each other. */
export interface Scale {
  x: number;
  y: number;
}

export const SAME: Scale = { x: 1, y: 1 };

const CARD = { width: 220, height: 72 };
const MOST = 3;

export function scaleFor(drawing: Drawing): Scale {
  const boxes = [...drawing.shapes].flatMap(([element, shape]) => (is(element, 'Activity') && !is(element, 'SubProcess') ? (boundsOf(shape) ?? []) : []));
  if (boxes.length === 0) return SAME;
  const stretch = (ours: number, theirs: number): number => (theirs <= 0 ? 1 : Math.round(Math.min(MOST, Math.max(1, ours / theirs)) * 100) / 100);
  return { x: stretch(CARD.width, median(boxes.map((box) => box.width))), y: stretch(CARD.height, median(boxes.map((box) => box.height))) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Theirs to ours: what has a place is a middle, on a whole pixel, so that what stood in line does. */
export function toOurs(point: Point, scale: Scale): Point {
  return scale.x === 1 && scale.y === 1 ? point : { x: Math.round(point.x * scale.x), y: Math.round(point.y * scale.y) };
}

export function toTheirs(point: Point, scale: Scale): Point {
  const half = (value: number): number => Math.round(value * 2) / 2;
  return scale.x === 1 && scale.y === 1 ? point : { x: half(point.x / scale.x), y: half(point.y / scale.y) };
}

export function middleOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
