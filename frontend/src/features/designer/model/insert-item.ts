// Puts an item of the palette where it was asked for, and says what that step is called.

import { canInsertOnEdge, insertAfter, insertAt, insertConnected, insertOnEdge, type Inserted } from '@/shared/graph/insert';
import { nodeById, startOf } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';

import type { DesignerContext } from './context';
import { newNode, type PaletteItem } from './palette';
import type { InsertTarget } from '../store/ui-store';

/** Whether an item may stand there: one start only, nothing before it, nothing after an end. */
export function fits(doc: GraphDocument, item: PaletteItem, target: InsertTarget): boolean {
  if (item.kind === 'start_event') {
    if (startOf(doc) !== undefined) return false;
    return target.where === 'point' || (target.where === 'end' && target.to !== undefined);
  }
  const from = target.where === 'after' ? nodeById(doc, target.node) : target.where === 'end' ? nodeById(doc, target.from) : undefined;
  if (from?.kind === 'event_gateway' && item.kind !== 'timer_event' && item.kind !== 'message_event') return false;
  switch (target.where) {
    case 'edge':
      return canInsertOnEdge({ kind: item.kind, title: '' });
    case 'after':
      return item.kind !== 'end_event' || nodeById(doc, target.node)?.kind !== 'end_event';
    case 'end':
      return item.kind !== 'end_event' || target.to === undefined;
    case 'point':
      return true;
  }
}

function place(doc: GraphDocument, item: PaletteItem, target: InsertTarget, context: DesignerContext): Inserted | undefined {
  const wanted = newNode(item, context.locale());
  switch (target.where) {
    case 'edge':
      return insertOnEdge(doc, target.edge, wanted);
    case 'after':
      return insertAfter(doc, target.node, wanted);
    case 'end':
      return insertConnected(doc, target, wanted, target.at);
    case 'point':
      return insertAt(doc, wanted, target.at);
  }
}

export function insertItem(context: DesignerContext, item: PaletteItem, target: InsertTarget): string | undefined {
  const { doc, edit } = context.store.getState();
  if (context.readOnly || !fits(doc, item, target)) return undefined;
  const inserted = place(doc, item, target, context);
  if (inserted === undefined) return undefined;
  const title = nodeById(inserted.doc, inserted.id)?.title ?? '';
  context.ui.setState({ settling: true });
  edit({ label: { key: 'step.insert', params: { title } }, doc: inserted.doc, selection: { nodes: [inserted.id], edges: [] } });
  requestAnimationFrame(() => context.canvas()?.show(inserted.id));
  return inserted.id;
}
