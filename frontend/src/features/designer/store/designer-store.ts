// The document that is being edited, what is selected in it, and how it came to be so. Nothing else lives here.

import { createStore, type StoreApi } from 'zustand/vanilla';

import { NOTHING_SELECTED, type CanvasSelection } from '@/shared/canvas/canvas-context';
import { edgeIds, nodeIds } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';

import { EMPTY_HISTORY, close, record, redo, undo, type History, type Label } from './history';

export interface Edit {
  label: Label;
  doc: GraphDocument;
  /** What is selected afterwards; what was, when absent. */
  selection?: CanvasSelection;
  /** Names a field: edits of it while it has the focus are one step. */
  typing?: string;
}

export interface DesignerState {
  doc: GraphDocument;
  selection: CanvasSelection;
  history: History;
  edit: (edit: Edit) => void;
  select: (selection: CanvasSelection) => void;
  /** Shows another document from here on: there is nothing to undo. */
  replace: (doc: GraphDocument) => void;
  endTyping: () => void;
  undo: () => void;
  redo: () => void;
}

export type DesignerStore = StoreApi<DesignerState>;

/** A selection names only what the document holds. */
function existing(selection: CanvasSelection, doc: GraphDocument): CanvasSelection {
  const nodes = nodeIds(doc);
  const edges = edgeIds(doc);
  const notes = kept(selection.notes, new Set((doc.notes ?? []).map((note) => note.id)));
  const frames = kept(selection.frames, new Set((doc.layout.frames ?? []).map((frame) => frame.id)));
  const next: CanvasSelection = {
    nodes: kept(selection.nodes, nodes),
    edges: kept(selection.edges, edges),
    ...(notes.length > 0 && { notes }),
    ...(frames.length > 0 && { frames }),
  };
  return sameSelection(next, selection) ? selection : next;
}

function kept(ids: readonly string[] = [], known: ReadonlySet<string>): readonly string[] {
  return ids.every((id) => known.has(id)) ? ids : ids.filter((id) => known.has(id));
}

function sameSelection(a: CanvasSelection, b: CanvasSelection): boolean {
  const same = (x: readonly string[] = [], y: readonly string[] = []): boolean => x.length === y.length && x.every((id, index) => id === y[index]);
  return same(a.nodes, b.nodes) && same(a.edges, b.edges) && same(a.notes, b.notes) && same(a.frames, b.frames);
}

export function createDesignerStore(doc: GraphDocument): DesignerStore {
  return createStore<DesignerState>()((set, get) => ({
    doc,
    selection: NOTHING_SELECTED,
    history: EMPTY_HISTORY,
    edit: ({ label, doc: next, selection, typing }) => {
      const { doc: current, selection: selected, history } = get();
      const after = existing(selection ?? selected, next);
      if (next === current) {
        set({ selection: after });
        return;
      }
      const step = { label, before: { doc: current, selection: selected }, after: { doc: next, selection: after } };
      set({ doc: next, selection: after, history: record(history, step, typing) });
    },
    select: (selection) => {
      const next = existing(selection, get().doc);
      if (!sameSelection(next, get().selection)) set({ selection: next, history: close(get().history) });
    },
    replace: (doc) => {
      set({ doc, selection: existing(get().selection, doc), history: EMPTY_HISTORY });
    },
    endTyping: () => {
      const history = close(get().history);
      if (history !== get().history) set({ history });
    },
    undo: () => {
      const done = undo(get().history);
      if (done !== undefined) set({ history: done.history, ...done.step.before });
    },
    redo: () => {
      const done = redo(get().history);
      if (done !== undefined) set({ history: done.history, ...done.step.after });
    },
  }));
}
