import { describe, expect, it } from 'vitest';

import { removeNodes, renameNode, withPlaces } from './edit';
import { boundsOf, frameBox } from './geometry';
import { insertOnEdge } from './insert';
import { frameOf } from './query';
import { addFrame, addNote, canFrame, frameById, moveNotes, noteById, reframed, removeFrames, removeNotes, updateFrame, updateNote } from './remarks';
import { diamond } from './testing';
import type { GraphDocument } from './types';

function framed(): { doc: GraphDocument; id: string } {
  const made = addFrame(diamond(), ['yes', 'no'], 'Branches');
  if (made === undefined) throw new Error('no frame');
  return made;
}

describe('notes', () => {
  it('are written, moved, and removed, under ids of their own', () => {
    const first = addNote(diamond(), { text: 'a', x: 0, y: 300, width: 240, height: 120 });
    const second = addNote(first.doc, { text: 'b', x: 300, y: 300, width: 240, height: 120 });
    expect([first.id, second.id]).toEqual(['n1', 'n2']);
    const written = moveNotes(updateNote(second.doc, 'n1', { text: 'A', color: 'blue' }), { n2: { x: 8, y: 16 } });
    expect(noteById(written, 'n1')).toMatchObject({ text: 'A', color: 'blue', x: 0 });
    expect(noteById(written, 'n2')).toMatchObject({ x: 8, y: 16 });
    const left = removeNotes(written, new Set(['n1']));
    expect(left.notes?.map((note) => note.id)).toEqual(['n2']);
    expect(removeNotes(left, new Set(['n2']))).not.toHaveProperty('notes');
  });

  it('that stay the same leave the very document', () => {
    const { doc } = addNote(diamond(), { text: 'a', x: 0, y: 0, width: 240, height: 120 });
    expect(updateNote(doc, 'n1', { text: 'a' })).toBe(doc);
    expect(updateNote(doc, 'other', { text: 'a' })).toBe(doc);
  });

  it('belong to what is drawn', () => {
    const { doc } = addNote(diamond(), { text: 'a', x: -400, y: 0, width: 240, height: 120 });
    expect(boundsOf(doc)?.x).toBe(-400);
  });
});

describe('frames', () => {
  it('enclose their nodes, with room for a title', () => {
    const { doc, id } = framed();
    const frame = frameById(doc, id);
    const box = frame && frameBox(doc, frame);
    expect(box).toMatchObject({ x: 580 - 28, y: 0 - 44 });
    expect((box?.height ?? 0)).toBe(200 + 72 + 44 + 36);
  });

  it('share no node: who is framed anew leaves the old frame', () => {
    const { doc, id } = framed();
    const again = addFrame(doc, ['yes', 'check'], 'Other');
    expect(again && frameOf(again.doc, 'yes')?.id).toBe(again?.id);
    expect(again && frameById(again.doc, id)?.nodes).toEqual(['no']);
    const all = again && addFrame(again.doc, ['yes', 'no', 'check'], 'All');
    expect(all?.doc.layout.frames).toHaveLength(1);
  });

  it('hold what lies in one level', () => {
    const doc: GraphDocument = { ...diamond(), nodes: diamond().nodes.map((node) => (node.id === 'yes' ? { ...node, parent: 'part' } : node)) };
    expect(canFrame(doc, ['yes', 'no'])).toBe(false);
    expect(canFrame(doc, ['no'])).toBe(true);
    expect(canFrame(doc, [])).toBe(false);
  });

  it('follow a new id, forget what is removed, and go with their last node', () => {
    const { doc, id } = framed();
    expect(frameById(renameNode(doc, 'yes', 'letter'), id)?.nodes).toEqual(['letter', 'no']);
    const less = removeNodes(doc, new Set(['yes']));
    expect(frameById(less, id)?.nodes).toEqual(['no']);
    expect(removeNodes(less, new Set(['no'])).layout).not.toHaveProperty('frames');
  });

  it('are renamed, coloured and taken away without their nodes', () => {
    const { doc, id } = framed();
    expect(frameById(updateFrame(doc, id, { title: 'B', color: 'teal' }), id)).toMatchObject({ title: 'B', color: 'teal' });
    expect(updateFrame(doc, id, { title: 'Branches' })).toBe(doc);
    const without = removeFrames(doc, new Set([id]));
    expect(without.layout).not.toHaveProperty('frames');
    expect(without.nodes).toBe(doc.nodes);
  });

  it('take in what is put between two of their nodes', () => {
    const made = addFrame(diamond(), ['check', 'decide'], 'Check');
    const inserted = made && insertOnEdge(made.doc, 'e2', { kind: 'script_task', title: 'New' });
    expect(inserted && frameOf(inserted.doc, 'new')?.id).toBe(made?.id);
    const outside = made && insertOnEdge(made.doc, 'e1', { kind: 'script_task', title: 'New' });
    expect(outside && frameOf(outside.doc, 'new')).toBeUndefined();
  });

  it('lose a node that is dropped outside, gain one that is dropped inside, keep those that move along', () => {
    const { doc, id } = framed();
    const out = reframed(doc, withPlaces(doc, { yes: { x: 580, y: -600 } }), ['yes']);
    expect(frameById(out, id)?.nodes).toEqual(['no']);
    const inside = reframed(doc, withPlaces(doc, { check: { x: 590, y: 100 } }), ['check']);
    expect(frameById(inside, id)?.nodes).toEqual(['yes', 'no', 'check']);
    const together = withPlaces(doc, { yes: { x: 0, y: 900 }, no: { x: 0, y: 1100 } });
    expect(reframed(doc, together, ['yes', 'no'])).toBe(together);
    const near = withPlaces(doc, { yes: { x: 600, y: 20 } });
    expect(reframed(doc, near, ['yes'])).toBe(near);
  });
});
