// Which sequence flows may be drawn, and why not. The reasons are keys of the designer's texts.

import { hasExit, isGateway, takesEntry } from './kinds';
import { nodeById, outgoing, undoneBy } from './query';
import type { GraphDocument, GraphNode } from './types';

export type ConnectRefusal =
  | 'unknown_node'
  | 'from_end'
  | 'into_start'
  | 'to_itself'
  | 'already_connected'
  | 'one_way_out'
  | 'into_boundary'
  | 'other_level'
  | 'only_undoes'
  | 'not_an_event';

export type Legality = { legal: true } | { legal: false; reason: ConnectRefusal };

const LEGAL: Legality = { legal: true };

function refuse(reason: ConnectRefusal): Legality {
  return { legal: false, reason };
}

/** Several flows leave only gateways: a task with two exits would be a hidden parallel split. */
export function mayBranch(node: GraphNode): boolean {
  return isGateway(node.kind);
}

/** Whether a flow may be drawn; `replacing` is the edge whose end is being dragged elsewhere. */
export function canConnect(doc: GraphDocument, from: string, to: string, replacing?: string): Legality {
  const source = nodeById(doc, from);
  const target = nodeById(doc, to);
  if (source === undefined || target === undefined) return refuse('unknown_node');
  if (!hasExit(source.kind)) return refuse('from_end');
  if (!takesEntry(target.kind)) return refuse(target.kind === 'start_event' ? 'into_start' : 'into_boundary');
  if (from === to) return refuse('to_itself');
  if (undoneBy(doc, from).length > 0 || undoneBy(doc, to).length > 0) return refuse('only_undoes');
  if (source.parent !== target.parent) return refuse('other_level');
  if (source.kind === 'event_gateway' && target.kind !== 'timer_event' && target.kind !== 'message_event') return refuse('not_an_event');
  const leaving = outgoing(doc, from).filter((edge) => edge.id !== replacing);
  if (leaving.some((edge) => edge.to === to)) return refuse('already_connected');
  if (leaving.length > 0 && !mayBranch(source)) return refuse('one_way_out');
  return LEGAL;
}

/** Whether a new node may be put after this one: into its only exit when it has one, as a branch, or as its first exit. */
export function canContinue(doc: GraphDocument, id: string): boolean {
  const node = nodeById(doc, id);
  return node !== undefined && hasExit(node.kind) && undoneBy(doc, id).length === 0;
}
