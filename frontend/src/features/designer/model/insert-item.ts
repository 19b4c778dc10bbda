// Puts an item of the palette where it was asked for, and says what that step is called.

import { canInsertOnEdge, insertAfter, insertAt, insertBefore, insertBeside, insertBoundary, insertConnected, insertOnEdge, type Inserted } from '@/shared/graph/insert';
import { hasExit, isTask, takesEntry } from '@/shared/graph/kinds';
import { localized } from '@/shared/graph/node-type';
import { childrenOf, edgeById, nodeById } from '@/shared/graph/query';
import { canReplace, replaceNode } from '@/shared/graph/replace';
import { withRoom } from '@/shared/graph/room';
import type { GraphDocument, GraphNode, Point } from '@/shared/graph/types';

import type { DesignerContext } from './context';
import { insertPattern } from './insert-pattern';
import { levelSeen } from './looking';
import { newNode, usualTitles, type PaletteItem } from './palette';
import { patternFits } from './patterns';
import type { InsertTarget } from '../store/ui-store';

/** The step that a target is about, when flows lead from it to what is inserted. */
function comesFrom(doc: GraphDocument, target: InsertTarget): GraphNode | undefined {
  switch (target.where) {
    case 'after':
      return nodeById(doc, target.node);
    case 'edge':
      return nodeById(doc, edgeById(doc, target.edge)?.from);
    case 'end':
      return nodeById(doc, target.from);
    default:
      return undefined;
  }
}

/** The activity whose border an event may stand on there. */
function hostAt(doc: GraphDocument, target: InsertTarget): string | undefined {
  if (target.where !== 'after' && target.where !== 'border') return undefined;
  const node = nodeById(doc, target.node);
  return node !== undefined && isTask(node.kind) ? node.id : undefined;
}

function startFits(doc: GraphDocument, item: PaletteItem, target: InsertTarget, level: string | undefined): boolean {
  if (target.where === 'replace') return nodeById(doc, target.node)?.parent === undefined && nodeById(doc, target.node)?.kind === 'start_event';
  const parent = target.where === 'end' ? nodeById(doc, target.to)?.parent : level;
  const free = target.where === 'point' || (target.where === 'end' && target.to !== undefined) || target.where === 'before';
  if (!free) return false;
  const starts = childrenOf(doc, parent).filter((node) => node.kind === 'start_event');
  if (parent !== undefined) return item.startKind === undefined && starts.length === 0;
  return item.startKind !== undefined || !starts.some((node) => (node.start?.kind ?? 'manual') === 'manual');
}

/** Whether an item may stand there: nothing before a start, nothing after an end, events on borders, timers and messages after a wait. */
export function fits(doc: GraphDocument, item: PaletteItem, target: InsertTarget, level?: string): boolean {
  if (item.pattern !== undefined) return patternFits(doc, item.pattern, target);
  if (item.kind === 'boundary_event') return target.where === 'replace' ? canReplace(doc, target.node, item) : hostAt(doc, target) !== undefined;
  if (target.where === 'border') return false;
  if (item.kind === 'start_event') return startFits(doc, item, target, level);
  if (target.where === 'replace') return canReplace(doc, target.node, item);
  if (comesFrom(doc, target)?.kind === 'event_gateway' && item.kind !== 'timer_event' && item.kind !== 'message_event') return false;
  switch (target.where) {
    case 'edge':
      return canInsertOnEdge({ kind: item.kind, title: '' });
    case 'after':
      return hasExit(nodeById(doc, target.node)?.kind ?? 'end_event') && takesEntry(item.kind);
    case 'before':
      return hasExit(item.kind);
    case 'above':
    case 'below':
      return true;
    case 'end':
      return item.kind !== 'end_event' || target.to === undefined;
    case 'point':
      return true;
  }
}

function place(doc: GraphDocument, item: PaletteItem, target: InsertTarget, context: DesignerContext): Inserted | undefined {
  const wanted = newNode(item, context.locale());
  if (item.pattern !== undefined) return insertPattern(context, item.pattern, target);
  if (item.boundary !== undefined && target.where !== 'replace') {
    const host = hostAt(doc, target);
    return host === undefined ? undefined : insertBoundary(doc, host, item.boundary, wanted.title);
  }
  switch (target.where) {
    case 'edge':
      return insertOnEdge(doc, target.edge, wanted);
    case 'after':
      return insertAfter(doc, target.node, wanted);
    case 'before':
      return insertBefore(doc, target.node, wanted);
    case 'above':
    case 'below':
      return insertBeside(doc, target.node, target.where, wanted) ?? insertAt(doc, wanted, besideOf(context, target.node, target.where));
    case 'end':
      return insertConnected(doc, target, wanted, target.at);
    case 'point':
      return insertAt(doc, { ...wanted, parent: levelSeen(context, target.at) }, target.at);
    case 'replace':
      return { doc: replaceNode(doc, target.node, wanted, ownTitle(doc, target.node, context)), id: target.node };
    case 'border':
      return undefined;
  }
}

/** Above or below a step that no branch leads to: a free place there, in its own level. */
function besideOf(context: DesignerContext, id: string, where: 'above' | 'below'): Point {
  const seen = context.seen();
  const place = seen.layout.nodes?.[id] ?? { x: 0, y: 0 };
  return { x: place.x + 110, y: place.y + 36 + (where === 'below' ? 112 : -112) };
}

/** Whether somebody gave a step a title of its own, one that is neither its kind's nor its node type's. */
function ownTitle(doc: GraphDocument, id: string, context: DesignerContext): boolean {
  const node = nodeById(doc, id);
  if (node === undefined || node.title === '') return false;
  const type = context.types()[node.service?.type ?? ''];
  const usual = [...usualTitles(node), ...(type === undefined ? [] : [localized(type.title, 'en'), localized(type.title, 'ru')])];
  return !usual.includes(node.title);
}

export function insertItem(context: DesignerContext, item: PaletteItem, target: InsertTarget): string | undefined {
  const { doc, edit } = context.store.getState();
  if (context.readOnly || !fits(doc, item, target, context.ui.getState().view.level)) return undefined;
  const inserted = place(doc, item, target, context);
  if (inserted === undefined || inserted.doc === doc) return undefined;
  const title = item.pattern === undefined ? (nodeById(inserted.doc, inserted.id)?.title ?? '') : localized(item.title, context.locale());
  context.ui.setState({ settling: true });
  const key = target.where === 'replace' ? 'step.replace' : 'step.insert';
  edit({ label: { key, params: { title: title === '' ? localized(item.title, context.locale()) : title } }, doc: withRoom(doc, inserted.doc), selection: { nodes: [inserted.id], edges: [] } });
  requestAnimationFrame(() => context.canvas()?.show(inserted.id));
  return inserted.id;
}
