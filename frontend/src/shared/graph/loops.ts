// Where flows that lead back pass below (or above) what stands between their ends.

import { boxOf, type Box } from './geometry';
import { isGateway } from './kinds';
import { nodeById, outgoing } from './query';
import type { LoopHint } from './route';
import type { GraphDocument, GraphEdge } from './types';

const CLEARANCE = 32;

/** The hint for each flow that leads back; flows that lead forward are absent. */
export function loopHints(doc: GraphDocument): Map<string, LoopHint> {
  const boxes = new Map(doc.nodes.map((node) => [node.id, boxOf(doc, node)]));
  const hints = new Map<string, LoopHint>();
  for (const edge of doc.edges) {
    const from = boxes.get(edge.from);
    const to = boxes.get(edge.to);
    if (from === undefined || to === undefined || to.x >= from.x + from.width) continue;
    hints.set(edge.id, hintFor(doc, edge, from, to, boxes));
  }
  return hints;
}

function hintFor(doc: GraphDocument, edge: GraphEdge, from: Box, to: Box, boxes: ReadonlyMap<string, Box>): LoopHint {
  const left = to.x;
  const right = from.x + from.width;
  const bottom = Math.max(from.y + from.height, to.y + to.height);
  const top = Math.min(from.y, to.y);
  const side = leavesBelow(doc, edge) || covered(from, to, bottom, boxes) ? 'above' : 'below';
  let y = side === 'below' ? bottom + CLEARANCE : top - CLEARANCE;
  for (const box of boxes.values()) {
    if (box.x > right || box.x + box.width < left) continue;
    const touches = side === 'below' ? box.y < y + CLEARANCE && box.y + box.height > bottom - CLEARANCE : box.y + box.height > y - CLEARANCE && box.y < top + CLEARANCE;
    if (touches) y = side === 'below' ? Math.max(y, box.y + box.height + CLEARANCE) : Math.min(y, box.y - CLEARANCE);
  }
  return { side, y };
}

/** Something stands right below an end, so that a loop that leaves downwards would run through it; and nothing right above. */
function covered(from: Box, to: Box, bottom: number, boxes: ReadonlyMap<string, Box>): boolean {
  const across = (end: Box, below: boolean): boolean => {
    const x = end.x + end.width / 2;
    for (const box of boxes.values()) {
      if (box === end || x <= box.x || x >= box.x + box.width || inside(end, box)) continue;
      if (below ? box.y >= end.y + end.height && box.y < bottom + CLEARANCE * 2 : box.y + box.height <= end.y && box.y + box.height > end.y - CLEARANCE * 3) return true;
    }
    return false;
  };
  return (across(from, true) || across(to, true)) && !across(from, false) && !across(to, false);
}

function inside(inner: Box, outer: Box): boolean {
  return inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
}

/** A gateway that already sends a branch downwards sends its loop over the top. */
function leavesBelow(doc: GraphDocument, edge: GraphEdge): boolean {
  const source = nodeById(doc, edge.from);
  if (source === undefined || !isGateway(source.kind)) return false;
  const own = boxOf(doc, source);
  return outgoing(doc, edge.from).some((other) => {
    const target = nodeById(doc, other.to);
    if (other.id === edge.id || target === undefined) return false;
    const box = boxOf(doc, target);
    return box.x > own.x && box.y + box.height / 2 > own.y + own.height;
  });
}
