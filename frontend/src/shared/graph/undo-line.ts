// The line from the event for compensation, at the left of an activity's lower border, to the task that undoes it.

import type { Box } from './geometry';
import type { Point } from './types';

/** How far right of the activity's corner the event stands, to its centre; and its radius. */
export const UNDO_EVENT_X = 23;
const RADIUS = 11;
const GAP = 16;

export function undoLine(host: Box, handler: Box): Point[] {
  const x = host.x + UNDO_EVENT_X;
  const from = { x, y: host.y + host.height + RADIUS };
  const bottom = handler.y + handler.height;
  if (handler.y > from.y + GAP / 2) {
    const to = Math.min(Math.max(x, handler.x + GAP), handler.x + handler.width - GAP);
    const middle = (from.y + handler.y) / 2;
    return to === x ? [from, { x, y: handler.y }] : [from, { x, y: middle }, { x: to, y: middle }, { x: to, y: handler.y }];
  }
  // Beside it: to the nearer side. Above it: around to its lower border.
  const below = from.y + GAP;
  if (bottom > host.y) {
    const right = handler.x > x;
    const side = right ? handler.x : handler.x + handler.width;
    const before = right ? side - GAP : side + GAP;
    const y = handler.y + handler.height / 2;
    return [from, { x, y: below }, { x: before, y: below }, { x: before, y }, { x: side, y }];
  }
  const left = Math.min(host.x, handler.x) - GAP;
  const y = handler.y + handler.height / 2;
  return [from, { x, y: below }, { x: left, y: below }, { x: left, y }, { x: handler.x, y }];
}
