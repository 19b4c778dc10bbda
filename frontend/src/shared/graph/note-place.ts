// Where a new note covers nothing.

import { boxesOverlap, boxOf, GRID, noteBox, snap } from './geometry';
import { NOTE_SIZE } from './remarks';
import type { GraphDocument, Point } from './types';

/** The place nearest to the wished one that is free, looked for below and above in turn. */
export function freeNotePlace(doc: GraphDocument, wished: Point): Point {
  const boxes = [...doc.nodes.filter((node) => node.kind !== 'sub_process').map((node) => boxOf(doc, node)), ...(doc.notes ?? []).map(noteBox)];
  const start = { x: snap(wished.x), y: snap(wished.y) };
  for (let n = 0; n < 200; n++) {
    const place = { x: start.x, y: start.y + Math.ceil(n / 2) * GRID * 4 * (n % 2 === 1 ? 1 : -1) };
    if (!boxes.some((box) => boxesOverlap({ ...place, ...NOTE_SIZE }, box, GRID * 2))) return place;
  }
  return start;
}
