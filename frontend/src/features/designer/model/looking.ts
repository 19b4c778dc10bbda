// Looking around in a document: levels, folds, and what must be opened to see something.

import { levelAt } from '@/shared/graph/levels';
import { nodeById } from '@/shared/graph/query';
import { frameRef } from '@/shared/graph/refs';
import type { Point } from '@/shared/graph/types';
import { revealing, type View } from '@/shared/graph/view';

import type { DesignerContext } from './context';

function setView(context: DesignerContext, view: View): boolean {
  if (view === context.ui.getState().view) return false;
  context.ui.setState({ view });
  return true;
}

/** The sub-process that is seen at a point. */
export function levelSeen(context: DesignerContext, at: Point): string | undefined {
  return levelAt(context.seen(), at) ?? context.ui.getState().view.level;
}

/** Shows a sub-process by itself, or the whole process. */
export function showLevel(context: DesignerContext, level: string | undefined): void {
  const { view } = context.ui.getState();
  if (view.level === level) return;
  const from = view.level;
  setView(context, { ...view, level });
  const { select, doc } = context.store.getState();
  // Whoever leaves a level finds it selected, as one finds a door behind oneself.
  select({ nodes: level === undefined && nodeById(doc, from) !== undefined && from !== undefined ? [from] : [], edges: [] });
  context.canvas()?.openSoon();
}

export function toggleFold(context: DesignerContext, ref: string): void {
  const { view } = context.ui.getState();
  const folded = new Set(view.folded);
  if (!folded.delete(ref)) folded.add(ref);
  context.ui.setState({ view: { ...view, folded }, settling: true });
}

/** The sub-process or frame that the selection can fold, as it is named in a view. */
export function foldable(context: DesignerContext): string | undefined {
  const { selection, doc } = context.store.getState();
  const [node, ...more] = selection.nodes;
  const [frame, ...others] = selection.frames ?? [];
  if (more.length + others.length > 0) return undefined;
  if (frame !== undefined && node === undefined) return frameRef(frame);
  return frame === undefined && nodeById(doc, node)?.kind === 'sub_process' ? node : undefined;
}

/** Opens what hides a node, and brings it into view. */
export function reveal(context: DesignerContext, id: string, options: { always?: boolean; focus?: boolean } = {}): void {
  const { doc } = context.store.getState();
  const { view } = context.ui.getState();
  if (setView(context, revealing(doc, view, id))) requestAnimationFrame(() => context.canvas()?.show(id, { ...options, always: true }));
  else context.canvas()?.show(id, options);
}
