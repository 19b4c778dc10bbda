// Actions for notes and frames.

import { freeNotePlace } from '@/shared/graph/note-place';
import { addFrame, addNote, canFrame, NOTE_SIZE, removeFrames } from '@/shared/graph/remarks';
import { frameOf } from '@/shared/graph/query';
import { frameRef, noteRef } from '@/shared/graph/refs';
import type { Point } from '@/shared/graph/types';

import type { Action } from './action';
import type { DesignerContext } from './context';
import { selectedNodes } from './selection';

/** Puts a note with its middle at a point, or beside what stands there, and lets it be typed into. */
export function putNote(context: DesignerContext, at: Point): void {
  const { doc, edit } = context.store.getState();
  const parent = context.ui.getState().view.level;
  const place = freeNotePlace(context.seen(), { x: at.x - NOTE_SIZE.width / 2, y: at.y - NOTE_SIZE.height / 2 });
  const added = addNote(doc, { text: '', ...(parent !== undefined && { parent }), ...place, ...NOTE_SIZE });
  edit({ label: { key: 'step.add_note' }, doc: added.doc, selection: { nodes: [], edges: [], notes: [added.id] } });
  context.typeInto.setState({ ref: noteRef(added.id) });
  requestAnimationFrame(() => context.canvas()?.show(noteRef(added.id)));
}

/** The frames that are selected, or that hold what is. */
function frames(context: DesignerContext): Set<string> {
  const { doc, selection } = context.store.getState();
  const around = selection.nodes.flatMap((id) => frameOf(doc, id)?.id ?? []);
  return new Set([...(selection.frames ?? []), ...around]);
}

export const REMARK_ACTIONS: readonly Action[] = [
  {
    id: 'add_note',
    group: 'insert',
    keys: ['Shift+KeyN'],
    undo: 'step',
    enabled: (context) => !context.readOnly,
    run: (context) => {
      putNote(context, context.canvas()?.centre() ?? { x: 0, y: 0 });
    },
  },
  {
    id: 'frame',
    group: 'insert',
    keys: ['$mod+KeyG'],
    undo: 'step',
    enabled: (context) => !context.readOnly && canFrame(context.store.getState().doc, selectedNodes(context)),
    run: (context) => {
      const { doc, edit } = context.store.getState();
      const framed = addFrame(doc, selectedNodes(context), '');
      if (framed === undefined) return;
      edit({ label: { key: 'step.frame' }, doc: framed.doc, selection: { nodes: [], edges: [], frames: [framed.id] } });
      context.typeInto.setState({ ref: frameRef(framed.id) });
    },
  },
  {
    id: 'unframe',
    group: 'insert',
    keys: ['$mod+Shift+KeyG'],
    undo: 'step',
    enabled: (context) => !context.readOnly && frames(context).size > 0,
    run: (context) => {
      const { doc, edit } = context.store.getState();
      const ids = frames(context);
      const nodes = (doc.layout.frames ?? []).filter((frame) => ids.has(frame.id)).flatMap((frame) => frame.nodes);
      edit({ label: { key: 'step.unframe' }, doc: removeFrames(doc, ids), selection: { nodes, edges: [] } });
    },
  },
];
