// Where people look first: the whole graph when its steps can be told apart, else where it begins.

import { getViewportForBounds, type Viewport } from '@xyflow/react';

import { boundsOf, boxOf, type Box, type Size } from '../graph/geometry';
import type { GraphDocument } from '../graph/types';

/** Smaller than this nothing is told apart. */
export const FIT_ZOOM = 0.2;
/** The smallest that the canvas shows. */
export const LEAST_ZOOM = 0.1;
/** A beginning is shown large enough to be read. */
const READ_ZOOM = 0.7;
/** Room for titles beside the outer nodes, and for the buttons in the corners. */
const ROOM = { left: 44, right: 44, top: 40, bottom: 72 } as const;
export const FIT_PADDING = { left: `${ROOM.left}px`, right: `${ROOM.right}px`, top: `${ROOM.top}px`, bottom: `${ROOM.bottom}px` } as const;

/** The graph as a whole in a canvas of some size, no smaller than told. */
export function wholeView(graph: GraphDocument, size: Size, least: number): Viewport | undefined {
  const bounds = boundsOf(graph);
  if (bounds === undefined || size.width === 0 || size.height === 0) return undefined;
  const { zoom } = getViewportForBounds(bounds, size.width, size.height, Number.EPSILON, 1, FIT_PADDING);
  return zoom < least ? beginning(graph, bounds, size) : getViewportForBounds(bounds, size.width, size.height, least, 1, FIT_PADDING);
}

function beginning(graph: GraphDocument, bounds: Box, { width, height }: Size): Viewport {
  const start = graph.nodes.find((node) => node.kind === 'start_event' && node.parent === undefined) ?? graph.nodes[0];
  const box = start === undefined ? bounds : boxOf(graph, start);
  const [high, room] = [bounds.height * READ_ZOOM, height - ROOM.top - ROOM.bottom];
  const middle = ROOM.top + room / 2;
  const y = high <= room ? middle - (bounds.y + bounds.height / 2) * READ_ZOOM : middle - (box.y + box.height / 2) * READ_ZOOM;
  const top = ROOM.top - bounds.y * READ_ZOOM;
  // Nothing is shown of the emptiness above the first row.
  return { x: Math.min(ROOM.left, width / 4) - box.x * READ_ZOOM + ROOM.left, y: high <= room ? y : Math.min(top, y), zoom: READ_ZOOM };
}
