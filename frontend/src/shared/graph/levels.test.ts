import { describe, expect, it } from 'vitest';

import { canConnect } from './connect';
import { addEdge, removeNodes, renameNode } from './edit';
import { boxOf } from './geometry';
import { insertAfter, insertAt, insertBoundary, insertOnEdge, moveBy } from './insert';
import { levelAt, relevelled } from './levels';
import { around, borderOf, inside, nodeById, readableTasks } from './query';
import { emptyDocument, type GraphDocument } from './types';
import { draggedTo } from './view';

/** start → sub (start → end inside) → end, and a script that stands alone far below. */
function drawn(): GraphDocument {
  const start = insertAt(emptyDocument(), { kind: 'start_event', title: 'Start' }, { x: 0, y: 0 });
  const sub = insertAfter(start.doc, start.id, { kind: 'sub_process', title: 'Part' });
  const end = insertAfter(sub?.doc ?? start.doc, 'part', { kind: 'end_event', title: 'End' });
  return insertAt(end?.doc ?? start.doc, { kind: 'script_task', title: 'Alone' }, { x: 0, y: 600 }).doc;
}

const at = (doc: GraphDocument, id: string) => {
  const node = nodeById(doc, id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return { node, box: boxOf(doc, node) };
};

describe('sub-processes', () => {
  it('begins with a start and an end of its own, connected', () => {
    const held = inside(drawn(), 'part');
    expect(held.map((node) => node.kind)).toEqual(['start_event', 'end_event']);
    expect(drawn().edges.some((edge) => edge.from === held[0]?.id && edge.to === held[1]?.id)).toBe(true);
  });

  it('is as large as what it holds', () => {
    const doc = drawn();
    const [start, end] = inside(doc, 'part');
    const edge = doc.edges.find((each) => each.from === start?.id);
    const wider = insertOnEdge(doc, edge?.id ?? '', { kind: 'script_task', title: 'Inner' });
    expect(nodeById(wider?.doc ?? doc, 'inner')?.parent).toBe('part');
    const frame = at(wider?.doc ?? doc, 'part').box;
    for (const id of [start?.id ?? '', end?.id ?? '', 'inner']) {
      const { box } = at(wider?.doc ?? doc, id);
      expect(box.x).toBeGreaterThan(frame.x);
      expect(box.x + box.width).toBeLessThan(frame.x + frame.width);
    }
    expect(frame.width).toBeGreaterThan(at(doc, 'part').box.width);
  });

  it('takes what it holds with it', () => {
    const doc = drawn();
    const before = at(doc, 'part').box;
    const moved = at(moveBy(doc, ['part'], 80, 40), 'part').box;
    expect([moved.x - before.x, moved.y - before.y]).toEqual([80, 40]);
    const dragged = draggedTo(doc, doc, { part: { x: before.x + 16, y: before.y } });
    expect(Object.keys(dragged.places)).toHaveLength(3);
  });

  it('lets no flow over its border', () => {
    const doc = drawn();
    const [start] = inside(doc, 'part');
    expect(canConnect(doc, start?.id ?? '', 'alone')).toEqual({ legal: false, reason: 'other_level' });
  });

  it('takes in what nothing is connected to, and lets it out again', () => {
    const doc = drawn();
    const { box } = at(doc, 'part');
    const over = { ...doc, layout: { nodes: { ...doc.layout.nodes, alone: { x: box.x + 20, y: box.y + 40 } } } };
    expect(levelAt(over, { x: box.x + 30, y: box.y + 60 })).toBe('part');
    const taken = relevelled(over, ['alone']);
    expect(nodeById(taken, 'alone')?.parent).toBe('part');
    const away = { ...taken, layout: { nodes: { ...taken.layout.nodes, alone: { x: 0, y: 900 } } } };
    expect(nodeById(relevelled(away, ['alone']), 'alone')?.parent).toBeUndefined();
    const bound = addEdge(taken, { from: inside(doc, 'part')[0]?.id ?? '', to: 'alone' }).doc;
    const pulled = { ...bound, layout: { nodes: { ...bound.layout.nodes, alone: { x: 0, y: 900 } } } };
    expect(relevelled(pulled, ['alone'])).toBe(pulled);
  });

  it('goes with all that it holds, and keeps its name everywhere', () => {
    const doc = drawn();
    expect(removeNodes(doc, new Set(['part'])).nodes.map((node) => node.id)).toEqual(['start', 'end', 'alone']);
    const renamed = renameNode(doc, 'part', 'package');
    expect(inside(renamed, 'package')).toHaveLength(2);
    expect(around(renamed, inside(renamed, 'package')[0]?.id ?? '')).toEqual(['package']);
  });

  it('keeps its outputs inside', () => {
    const doc = drawn();
    const [start] = inside(doc, 'part');
    const edge = doc.edges.find((each) => each.from === start?.id);
    const inner = insertOnEdge(doc, edge?.id ?? '', { kind: 'script_task', title: 'Inner' })?.doc ?? doc;
    expect(readableTasks(inner, 'end').map((node) => node.id)).toEqual(['part']);
    const last = inside(inner, 'part').find((node) => node.kind === 'end_event');
    expect(readableTasks(inner, last?.id ?? '').map((node) => node.id)).toEqual(['inner']);
  });
});

describe('events on a border', () => {
  it('stand on the lower border, side by side, and go with their activity', () => {
    const doc = drawn();
    const one = insertBoundary(doc, 'alone', 'error', 'Error');
    const two = insertBoundary(one?.doc ?? doc, 'alone', 'timer', 'Timer');
    const both = two?.doc ?? doc;
    const host = at(both, 'alone').box;
    const [first, second] = borderOf(both, 'alone').map((event) => boxOf(both, event));
    expect(first?.y).toBe(host.y + host.height - 22);
    expect((first?.x ?? 0) - (second?.x ?? 0)).toBe(52);
    expect(borderOf(renameNode(both, 'alone', 'other'), 'other')).toHaveLength(2);
    expect(removeNodes(both, new Set(['alone'])).nodes.some((node) => node.boundary !== undefined)).toBe(false);
    expect(canConnect(both, 'start', one?.id ?? '')).toEqual({ legal: false, reason: 'into_boundary' });
  });

  it('reads what its activity read, and is read behind it', () => {
    const doc = drawn();
    const added = insertBoundary(doc, 'part', 'message', 'Stop');
    const behind = insertAfter(added?.doc ?? doc, added?.id ?? '', { kind: 'script_task', title: 'After' });
    expect(readableTasks(behind?.doc ?? doc, 'after').map((node) => node.id)).toEqual(['part', 'stop']);
  });
});
