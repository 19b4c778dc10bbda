import { describe, expect, it } from 'vitest';

import { withPlaces } from './edit';
import { foldOf } from './fold';
import { boxOf, frameBox } from './geometry';
import { insertAfter, insertAt, insertBoundary, insertOnEdge } from './insert';
import { inside, nodeById, outgoing, walk } from './query';
import { frameRef } from './refs';
import { addFrame, addNote, frameById, noteById } from './remarks';
import { diamond } from './testing';
import { emptyDocument, type GraphDocument } from './types';
import { draggedTo, isShown, revealing, viewOf, WHOLE } from './view';

/** start → part (start → inner → end, a note) → end, a timer on the border of part. */
function nested(): GraphDocument {
  const start = insertAt(emptyDocument(), { kind: 'start_event', title: 'Start' }, { x: 0, y: 0 });
  const part = insertAfter(start.doc, start.id, { kind: 'sub_process', title: 'Part' });
  const end = insertAfter(part?.doc ?? start.doc, 'part', { kind: 'end_event', title: 'End' });
  const edge = end?.doc.edges.find((each) => nodeById(end.doc, each.from)?.parent === 'part');
  const inner = insertOnEdge(end?.doc ?? start.doc, edge?.id ?? '', { kind: 'script_task', title: 'Inner' });
  const timer = insertBoundary(inner?.doc ?? start.doc, 'part', 'timer', 'Late');
  return addNote(timer?.doc ?? start.doc, { text: 'inside', parent: 'part', x: 100, y: 300, width: 240, height: 120 }).doc;
}

describe('a view', () => {
  it('of everything is the very document', () => {
    const doc = nested();
    expect(viewOf(doc, WHOLE)).toBe(doc);
    expect(viewOf(doc, { level: 'gone', folded: new Set() })).toBe(doc);
  });

  it('of a level holds what lies in it, and its notes', () => {
    const doc = nested();
    const seen = viewOf(doc, { level: 'part', folded: new Set() });
    expect(seen.nodes.map((node) => node.id).sort()).toEqual(inside(doc, 'part').map((node) => node.id).sort());
    expect(seen.edges).toHaveLength(2);
    expect(seen.notes).toHaveLength(1);
  });

  it('folds a sub-process to a card with its border events, its flows, and nothing of its inside', () => {
    const doc = nested();
    const seen = viewOf(doc, { level: undefined, folded: new Set(['part']) });
    const card = nodeById(seen, 'part');
    expect(card && foldOf(card)).toEqual({ what: 'sub_process', count: 1 });
    expect(seen.nodes.map((node) => node.kind).sort()).toEqual(['boundary_event', 'end_event', 'start_event', 'sub_process']);
    expect(seen.notes).toEqual([]);
    expect(outgoing(seen, 'part')).toHaveLength(1);
    const part = nodeById(doc, 'part');
    const [open, folded] = [part && boxOf(doc, part), card && boxOf(seen, card)];
    expect(folded).toMatchObject({ x: open?.x, width: 220, height: 72 });
    expect((folded?.y ?? 0) + 36).toBe((open?.y ?? 0) + (open?.height ?? 0) / 2);
    const late = nodeById(seen, 'late');
    expect(late && boxOf(seen, late).y).toBe((folded?.y ?? 0) + 72 - 22);
  });

  it('folds a frame to a chip that flows run into and out of, once each', () => {
    const made = addFrame(diamond(), ['yes', 'no'], 'Branches');
    const doc = made?.doc ?? diamond();
    const ref = frameRef(made?.id ?? '');
    const seen = viewOf(doc, { level: undefined, folded: new Set([ref]) });
    expect(seen.nodes.map((node) => node.id)).toEqual(['start', 'check', 'decide', 'end', ref]);
    expect(seen.edges.map((edge) => [edge.from, edge.to])).toEqual([['start', 'check'], ['check', 'decide'], ['decide', ref], [ref, 'end']]);
    expect(walk(seen, 'decide', 'right')).toBe(ref);
    expect(walk(seen, ref, 'right')).toBe('end');
  });

  it('changes nothing of the document', () => {
    const doc = nested();
    const before = JSON.stringify(doc);
    viewOf(doc, { level: undefined, folded: new Set(['part']) });
    viewOf(doc, { level: 'part', folded: new Set() });
    expect(JSON.stringify(doc)).toBe(before);
  });
});

describe('what hides a node', () => {
  it('is opened, and no more', () => {
    const doc = nested();
    expect(isShown(doc, { level: undefined, folded: new Set(['part']) }, 'inner')).toBe(false);
    const view = { level: 'part', folded: new Set(['part', 'other']) };
    expect(revealing(doc, view, 'inner')).toEqual({ level: 'part', folded: new Set(['other']) });
    expect(revealing(doc, view, 'end')).toEqual({ level: undefined, folded: view.folded });
    expect(revealing(doc, WHOLE, 'inner')).toBe(WHOLE);
  });

  it('may be a frame around the activity that an event stands on', () => {
    const doc = addFrame(nested(), ['part'], 'F')?.doc ?? nested();
    expect(revealing(doc, { level: undefined, folded: new Set(['frame:f1']) }, 'late').folded.size).toBe(0);
  });
});

describe('what is dragged on a view', () => {
  it('takes along what is folded in it', () => {
    const doc = nested();
    const seen = viewOf(doc, { level: undefined, folded: new Set(['part']) });
    const card = nodeById(seen, 'part');
    const from = card && boxOf(seen, card);
    const moved = draggedTo(doc, seen, { part: { x: (from?.x ?? 0) + 80, y: (from?.y ?? 0) + 40 } });
    const after = withPlaces(doc, moved.places);
    const [was, is] = [nodeById(doc, 'inner'), nodeById(after, 'inner')].map((node, index) => node && boxOf(index === 0 ? doc : after, node));
    expect([(is?.x ?? 0) - (was?.x ?? 0), (is?.y ?? 0) - (was?.y ?? 0)]).toEqual([80, 40]);
  });

  it('takes along the nodes of a frame, folded or not', () => {
    const made = addFrame(diamond(), ['yes', 'no'], 'Branches');
    const doc = made?.doc ?? diamond();
    const ref = frameRef(made?.id ?? '');
    for (const folded of [new Set<string>(), new Set([ref])]) {
      const seen = viewOf(doc, { level: undefined, folded });
      const chip = nodeById(seen, ref);
      const frame = frameById(doc, made?.id);
      const from = chip === undefined ? frame && frameBox(doc, frame) : boxOf(seen, chip);
      const { places } = draggedTo(doc, seen, { [ref]: { x: (from?.x ?? 0) + 16, y: (from?.y ?? 0) - 8 } });
      expect(Object.keys(places).sort()).toEqual(['no', 'yes']);
      // 16 and 8 on, its middle on the grid.
      expect(places.yes).toEqual({ x: 594, y: -4 });
    }
  });

  it('is a note, where it is put', () => {
    const doc = nested();
    const moved = draggedTo(doc, doc, { 'note:n1': { x: 40, y: 48 } });
    expect(noteById(moved.doc, 'n1')).toMatchObject({ x: 40, y: 48 });
    expect(moved.places).toEqual({});
  });
});
