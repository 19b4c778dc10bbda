// Lining nodes up, and spreading them evenly.

import { boxOf, type Box } from './geometry';
import { withPlaces } from './edit';
import { moved } from './levels';
import { around, nodeById } from './query';
import type { GraphDocument, Point } from './types';

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';

interface Placed {
  id: string;
  box: Box;
}

/** What moves by itself: neither events on borders nor what lies in something else that moves. */
function placed(doc: GraphDocument, ids: readonly string[]): Placed[] {
  const all = new Set(ids);
  return ids.flatMap((id) => {
    const node = nodeById(doc, id);
    if (node === undefined || node.boundary !== undefined || around(doc, id).some((level) => all.has(level))) return [];
    return [{ id, box: boxOf(doc, node) }];
  });
}

function shifted(doc: GraphDocument, shifts: readonly { id: string; dx: number; dy: number }[], exact: boolean): GraphDocument {
  const places: Record<string, Point> = {};
  for (const { id, dx, dy } of shifts) if (dx !== 0 || dy !== 0) Object.assign(places, moved(doc, [id], dx, dy, exact));
  return withPlaces(doc, places);
}

/** The line that all come to: an outer edge of the whole, or the middle of the first. */
export function align(doc: GraphDocument, ids: readonly string[], to: Alignment): GraphDocument {
  const nodes = placed(doc, ids);
  const [first] = nodes;
  if (first === undefined || nodes.length < 2) return doc;
  const centreX = first.box.x + first.box.width / 2;
  const centreY = first.box.y + first.box.height / 2;
  const left = Math.min(...nodes.map(({ box }) => box.x));
  const right = Math.max(...nodes.map(({ box }) => box.x + box.width));
  const top = Math.min(...nodes.map(({ box }) => box.y));
  const bottom = Math.max(...nodes.map(({ box }) => box.y + box.height));
  const shift = ({ id, box }: Placed): { id: string; dx: number; dy: number } => {
    switch (to) {
      case 'left':
        return { id, dx: left - box.x, dy: 0 };
      case 'centre':
        return { id, dx: centreX - (box.x + box.width / 2), dy: 0 };
      case 'right':
        return { id, dx: right - (box.x + box.width), dy: 0 };
      case 'top':
        return { id, dx: 0, dy: top - box.y };
      case 'middle':
        return { id, dx: 0, dy: centreY - (box.y + box.height / 2) };
      case 'bottom':
        return { id, dx: 0, dy: bottom - (box.y + box.height) };
    }
  };
  return shifted(doc, nodes.map(shift), true);
}

/** Gives three nodes or more the same room between them, from the first to the last. */
export function distribute(doc: GraphDocument, ids: readonly string[], along: 'x' | 'y'): GraphDocument {
  const size = along === 'x' ? 'width' : 'height';
  const nodes = placed(doc, ids).sort((a, b) => a.box[along] - b.box[along]);
  const first = nodes[0];
  const last = nodes.at(-1);
  if (first === undefined || last === undefined || nodes.length < 3) return doc;
  const whole = last.box[along] + last.box[size] - first.box[along];
  const room = (whole - nodes.reduce((sum, { box }) => sum + box[size], 0)) / (nodes.length - 1);
  let at = first.box[along];
  const shifts = nodes.map(({ id, box }, index) => {
    const outer = index === 0 || index === nodes.length - 1;
    const by = outer ? 0 : at - box[along];
    at += box[size] + room;
    return along === 'x' ? { id, dx: by, dy: 0 } : { id, dx: 0, dy: by };
  });
  return shifted(doc, shifts, false);
}
