// A sub-process grows with what is put into it. What stands beside and below it makes room.

import { withPlaces } from './edit';
import { boxOf, GRID, type Box } from './geometry';
import { moved } from './levels';
import { around, childrenOf, nodeById } from './query';
import type { GraphDocument, GraphNode } from './types';

const up = (value: number): number => Math.ceil(value / GRID) * GRID;

function overlapX(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width;
}

/** Moves the neighbours of a frame that grew from one box to another. */
function pushed(doc: GraphDocument, frame: GraphNode, was: Box, is: Box): GraphDocument {
  const right = up(is.x + is.width - (was.x + was.width));
  const below = up(is.y + is.height - (was.y + was.height));
  const left = up(was.x - is.x);
  const above = up(was.y - is.y);
  let next = doc;
  const shift = (beside: (box: Box) => boolean, dx: number, dy: number): void => {
    const ids = childrenOf(next, frame.parent)
      .filter((node) => node.id !== frame.id && node.boundary === undefined && beside(boxOf(next, node)))
      .map((node) => node.id);
    next = withPlaces(next, moved(next, ids, dx, dy));
  };
  if (right > 0) shift((box) => box.x >= was.x + was.width, right, 0);
  if (left > 0) shift((box) => box.x + box.width <= was.x, -left, 0);
  if (below > 0) shift((box) => box.y >= was.y + was.height && overlapX(box, is), 0, below);
  if (above > 0) shift((box) => box.y + box.height <= was.y && overlapX(box, is), 0, -above);
  return next;
}

/** The edited document with room for every sub-process that is larger than before, from the inside out. */
export function withRoom(before: GraphDocument, after: GraphDocument): GraphDocument {
  const frames = after.nodes
    .filter((node) => node.kind === 'sub_process' && nodeById(before, node.id)?.kind === 'sub_process')
    .sort((a, b) => around(after, b.id).length - around(after, a.id).length);
  let next = after;
  for (const { id } of frames) {
    const [old, node] = [nodeById(before, id), nodeById(next, id)];
    if (old === undefined || node === undefined) continue;
    // What moved as a whole did not grow: its size tells.
    const [was, is] = [boxOf(before, old), boxOf(next, node)];
    if (is.width > was.width || is.height > was.height) next = pushed(next, node, was, is);
  }
  return next;
}
