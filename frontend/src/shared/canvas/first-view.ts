// Where people look first: the whole graph when its titles can be read, else where it begins, large enough to read.

import { getViewportForBounds, type Viewport } from '@xyflow/react';

import { boundsOf, boxOf, type Box, type Size } from '../graph/geometry';
import { nodeById } from '../graph/query';
import type { GraphDocument, GraphNode } from '../graph/types';

import type { RunNodeState, RunState } from './run-state';

/** Smaller than this the titles of cards can't be read, though they grow below half size (see use-level-of-detail). */
export const LEGIBLE_ZOOM = 0.4;
/** What is larger than the canvas begins at this size. */
export const READ_ZOOM = 0.65;
/** The smallest that the canvas shows, unless the graph as a whole is smaller still. */
const LEAST_ZOOM = 0.1;
/** Room for titles beside the outer nodes, and for the buttons in the corners. */
const ROOM = { left: 44, right: 44, top: 40, bottom: 72 };
/** On a narrower canvas the buttons take two rows. */
export const NARROW = 640;
const ROWS = 112;

function roomOf({ width }: Size): typeof ROOM {
  return width <= NARROW ? { ...ROOM, bottom: ROWS } : ROOM;
}

function padding({ left, right, top, bottom }: typeof ROOM) {
  return { left: `${left}px`, right: `${right}px`, top: `${top}px`, bottom: `${bottom}px` } as const;
}

/** React Flow's own fit, of a canvas that has no size yet. */
export const FIT_LATER = { maxZoom: 1, minZoom: LEAST_ZOOM, padding: padding(ROOM) };
/** The smallest canvas on which a whole graph must be seen. */
const SMALL: Size = { width: 240, height: 120 };

/** What bounds are seen as in a canvas of some size, never larger than told. */
export function viewOf(bounds: Box, size: Size, most = 1): Viewport {
  return getViewportForBounds(bounds, size.width, size.height, Number.EPSILON, most, padding(roomOf(size)));
}

/** The graph as a whole, however small that makes it. */
export function wholeView(graph: GraphDocument, size: Size): Viewport | undefined {
  const bounds = boundsOf(graph);
  return bounds === undefined || size.width === 0 || size.height === 0 ? undefined : viewOf(bounds, size);
}

/** What is seen first; a node that is to be seen stands in the middle, unless it is seen anyway. */
export function firstView(graph: GraphDocument, size: Size, seen?: string): Viewport | undefined {
  const whole = wholeView(graph, size);
  const bounds = boundsOf(graph);
  if (whole === undefined || bounds === undefined || whole.zoom >= LEGIBLE_ZOOM) return whole;
  const start = graph.nodes.find((node) => node.kind === 'start_event' && node.parent === undefined) ?? graph.nodes[0];
  const view = beginning(graph, bounds, size, start);
  const node = nodeById(graph, seen);
  if (node === undefined) return view;
  const box = boxOf(graph, node);
  return holds(view, size, box) ? view : { ...centred(box, size), zoom: READ_ZOOM };
}

/** What of a process is looked for first: what is held, what moves, what waits. */
const URGENCY: readonly RunNodeState[] = ['incident', 'failed', 'running', 'retrying', 'waiting', 'queued', 'ready'];

/** The node at which a process stands, none when it has ended well. What a sub-process stands at is inside of it. */
export function standsAt({ nodes }: GraphDocument, run: RunState): string | undefined {
  const containers = new Set(nodes.map((node) => node.parent));
  const leaves = nodes.filter((node) => !containers.has(node.id));
  for (const state of URGENCY) {
    const found = leaves.find((node) => run.nodes[node.id]?.state === state);
    if (found !== undefined) return found.id;
  }
  return undefined;
}

/** How far people may zoom out: always far enough for the whole. */
export function leastZoom(graph: GraphDocument): number {
  const bounds = boundsOf(graph);
  return bounds === undefined ? LEAST_ZOOM : Math.min(LEAST_ZOOM, SMALL.width / bounds.width, SMALL.height / bounds.height);
}

function beginning(graph: GraphDocument, bounds: Box, size: Size, start: GraphNode | undefined): Viewport {
  const { top: above, bottom, left: before } = roomOf(size);
  const box = start === undefined ? bounds : boxOf(graph, start);
  const [high, room] = [bounds.height * READ_ZOOM, size.height - above - bottom];
  const middle = above + room / 2;
  const y = high <= room ? middle - (bounds.y + bounds.height / 2) * READ_ZOOM : middle - (box.y + box.height / 2) * READ_ZOOM;
  const top = above - bounds.y * READ_ZOOM;
  const left = Math.min(before * 2, size.width / 4);
  // Nothing is shown of the emptiness above the first row.
  return { x: left - box.x * READ_ZOOM, y: high <= room ? y : Math.min(top, y), zoom: READ_ZOOM };
}

function centred(box: Box, { width, height }: Size): { x: number; y: number } {
  return { x: width / 2 - (box.x + box.width / 2) * READ_ZOOM, y: height / 2 - (box.y + box.height / 2) * READ_ZOOM };
}

function holds({ x, y, zoom }: Viewport, { width, height }: Size, box: Box): boolean {
  const [left, top] = [x + box.x * zoom, y + box.y * zoom];
  return left >= 0 && top >= 0 && left + box.width * zoom <= width && top + box.height * zoom <= height;
}
