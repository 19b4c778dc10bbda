import { describe, expect, it } from 'vitest';

import { boxesOverlap, boxOf } from './geometry';
import { insertAfter, insertAt, insertOnEdge } from './insert';
import { around, childrenOf, nodeById } from './query';
import { withRoom } from './room';
import { emptyDocument, type GraphDocument } from './types';

/** start → outer (start → inner (start → end) → end) → end, and a script right below. */
function nested(): GraphDocument {
  const start = insertAt(emptyDocument(), { kind: 'start_event', title: 'Start' }, { x: 0, y: 0 });
  const outer = insertAfter(start.doc, start.id, { kind: 'sub_process', title: 'Outer' })?.doc ?? start.doc;
  const end = insertAfter(outer, 'outer', { kind: 'end_event', title: 'End' })?.doc ?? outer;
  const flow = end.edges.find((edge) => nodeById(end, edge.from)?.parent === 'outer');
  const inner = withRoom(end, insertOnEdge(end, flow?.id ?? '', { kind: 'sub_process', title: 'Inner' })?.doc ?? end);
  const frame = nodeById(inner, 'outer');
  const box = frame === undefined ? { x: 0, y: 0, width: 0, height: 0 } : boxOf(inner, frame);
  return insertAt(inner, { kind: 'script_task', title: 'Below' }, { x: box.x + box.width / 2, y: box.y + box.height + 60 }).doc;
}

function covered(doc: GraphDocument): string[] {
  const found: string[] = [];
  for (const a of doc.nodes) {
    for (const b of doc.nodes) {
      if (a.id >= b.id || around(doc, a.id).includes(b.id) || around(doc, b.id).includes(a.id)) continue;
      if (boxesOverlap(boxOf(doc, a), boxOf(doc, b))) found.push(`${a.id} ${b.id}`);
    }
  }
  return found;
}

describe('a sub-process that grows', () => {
  it('moves what stands after and below it, at every level', () => {
    let doc = nested();
    expect(covered(doc)).toEqual([]);
    for (let n = 0; n < 4; n++) {
      const flow = doc.edges.find((edge) => nodeById(doc, edge.from)?.parent === 'inner');
      doc = withRoom(doc, insertOnEdge(doc, flow?.id ?? '', { kind: 'script_task', title: `Step ${String(n)}` })?.doc ?? doc);
      doc = withRoom(doc, insertAt(doc, { kind: 'script_task', title: `Free ${String(n)}`, parent: 'inner' }, { x: 500, y: 20 }).doc);
    }
    expect(childrenOf(doc, 'inner')).toHaveLength(10);
    expect(covered(doc)).toEqual([]);
  });

  it('that only moved leaves everything where it is', () => {
    const doc = nested();
    const same = withRoom(doc, { ...doc });
    expect(same.layout).toEqual(doc.layout);
  });
});
