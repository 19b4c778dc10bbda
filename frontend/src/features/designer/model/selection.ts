// Short readings of what is selected.

import { edgeById } from '@/shared/graph/query';
import { frameRef, noteRef } from '@/shared/graph/refs';

import type { DesignerContext } from './context';

export function selectedNodes(context: DesignerContext): readonly string[] {
  return context.store.getState().selection.nodes;
}

function counts(context: DesignerContext): { nodes: number; edges: number; notes: number; frames: number } {
  const { nodes, edges, notes = [], frames = [] } = context.store.getState().selection;
  return { nodes: nodes.length, edges: edges.length, notes: notes.length, frames: frames.length };
}

function only(context: DesignerContext, kind: keyof ReturnType<typeof counts>): boolean {
  const all = counts(context);
  return all[kind] === 1 && all.nodes + all.edges + all.notes + all.frames === 1;
}

export function onlyNode(context: DesignerContext): string | undefined {
  return only(context, 'nodes') ? context.store.getState().selection.nodes[0] : undefined;
}

export function onlyEdge(context: DesignerContext): string | undefined {
  return only(context, 'edges') ? context.store.getState().selection.edges[0] : undefined;
}

export function onlyNote(context: DesignerContext): string | undefined {
  return only(context, 'notes') ? context.store.getState().selection.notes?.[0] : undefined;
}

export function onlyFrame(context: DesignerContext): string | undefined {
  return only(context, 'frames') ? context.store.getState().selection.frames?.[0] : undefined;
}

export function hasSelection(context: DesignerContext): boolean {
  const all = counts(context);
  return all.nodes + all.edges + all.notes + all.frames > 0;
}

/** Whatever can be copied: flows go along with what they join. */
export function hasCopyable(context: DesignerContext): boolean {
  const all = counts(context);
  return all.nodes + all.notes + all.frames > 0;
}

/** How many things a step is about, in the words of the history. */
export function countSelected(context: DesignerContext): number {
  const all = counts(context);
  return all.nodes + all.notes + all.frames;
}

/** What is drawn of the selection, when it is one thing: of a flow the step that it leaves. */
export function selectedRef(context: DesignerContext): string | undefined {
  const [node, edge, note, frame] = [onlyNode(context), onlyEdge(context), onlyNote(context), onlyFrame(context)];
  if (note !== undefined) return noteRef(note);
  if (frame !== undefined) return frameRef(frame);
  return node ?? edgeById(context.store.getState().doc, edge)?.from;
}

export function titleOfNode(context: DesignerContext, id: string): string {
  const node = context.store.getState().doc.nodes.find((each) => each.id === id);
  return node === undefined ? id : node.title === '' ? node.id : node.title;
}
