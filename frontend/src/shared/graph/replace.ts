// Making a step another kind of step where it stands: its id, flows, border events and readers stay.

import { updateNode, withPlaces } from './edit';
import { boxOf, centreOf, snapPlace, topForCentre, sizeOf } from './geometry';
import { boundaryOf, makeNode, type NewNode } from './insert';
import { isGateway, isTask } from './kinds';
import { childrenOf, nodeById, outgoing } from './query';
import type { BoundaryEvent, BoundaryKind, GraphDocument, GraphNode, NodeKind } from './types';

type Family = 'activity' | 'gateway' | 'start' | 'end' | 'wait' | 'border';

function familyOf(kind: NodeKind): Family {
  if (isTask(kind)) return 'activity';
  if (isGateway(kind)) return 'gateway';
  if (kind === 'start_event') return 'start';
  if (kind === 'end_event') return 'end';
  return kind === 'boundary_event' ? 'border' : 'wait';
}

/** Whether a node can become another kind: one of its own family, and a sub-process only as long as nothing is in it. */
export function canReplace(doc: GraphDocument, id: string, wanted: Pick<NewNode, 'kind'>): boolean {
  const node = nodeById(doc, id);
  if (node === undefined || familyOf(node.kind) !== familyOf(wanted.kind)) return false;
  if (node.kind === 'sub_process') return wanted.kind === 'sub_process' || childrenOf(doc, id).every((each) => each.kind === 'start_event' || each.kind === 'end_event');
  return wanted.kind !== 'sub_process';
}

/** The same node as another kind. Its title stays when somebody gave it one; what only the old kind knew is gone. */
export function replaceNode(doc: GraphDocument, id: string, wanted: NewNode, keepTitle: boolean): GraphDocument {
  const old = nodeById(doc, id);
  if (old === undefined || !canReplace(doc, id, wanted)) return doc;
  const made = makeNode(doc, { ...wanted, parent: old.parent });
  const next: GraphNode = {
    ...made,
    id,
    title: keepTitle ? old.title : made.title,
    ...(old.doc !== undefined && { doc: old.doc }),
    ...(old.multi !== undefined && { multi: old.multi }),
    ...(old.undone_by !== undefined && { undone_by: old.undone_by }),
    ...(old.kind === 'start_event' && { start: { ...inputOf(old), ...made.start } }),
    ...(old.kind === 'end_event' && old.end?.output !== undefined && { end: { ...(made.end ?? { kind: 'none' }), output: old.end.output } }),
    ...(old.boundary !== undefined && { boundary: { ...boundaryOf(old.boundary.on, wanted.boundary ?? old.boundary.kind), ...keptOf(old.boundary, wanted.boundary) } }),
  };
  const held = new Set(old.kind === 'sub_process' && wanted.kind !== 'sub_process' ? childrenOf(doc, id).map((each) => each.id) : []);
  const kept: GraphDocument =
    held.size === 0 ? doc : { ...doc, nodes: doc.nodes.filter((each) => !held.has(each.id)), edges: doc.edges.filter((each) => !held.has(each.from) && !held.has(each.to)) };
  return recentred(doc, withFlows(updateNode(kept, id, () => next), id), id);
}

/** Whether the activity goes on is kept, except for an error, which always ends it. */
function keptOf(old: BoundaryEvent, kind: BoundaryKind | undefined): Partial<BoundaryEvent> {
  if (kind === undefined || kind === old.kind) return old;
  return old.keeps_running === true && kind !== 'error' ? { keeps_running: true } : {};
}

function inputOf(node: GraphNode): Pick<NonNullable<GraphNode['start']>, 'input_schema' | 'search_keys'> {
  const { input_schema, search_keys } = node.start ?? {};
  return { ...(input_schema !== undefined && { input_schema }), ...(search_keys !== undefined && { search_keys }) };
}

/** Only flows out of a choice have conditions. */
function withFlows(doc: GraphDocument, id: string): GraphDocument {
  const node = nodeById(doc, id);
  if (node === undefined || node.kind === 'exclusive_gateway' || node.kind === 'inclusive_gateway') return doc;
  if (!outgoing(doc, id).some((edge) => edge.condition !== undefined || edge.default !== undefined)) return doc;
  return {
    ...doc,
    edges: doc.edges.map((edge) => {
      if (edge.from !== id) return edge;
      const { condition: _c, default: _d, ...rest } = edge;
      return rest;
    }),
  };
}

function recentred(before: GraphDocument, doc: GraphDocument, id: string): GraphDocument {
  const old = nodeById(before, id);
  const node = nodeById(doc, id);
  if (old === undefined || node === undefined || node.boundary !== undefined) return doc;
  const box = boxOf(before, old);
  if (box.width === sizeOf(node.kind).width && box.height === sizeOf(node.kind).height) return doc;
  const place = { x: box.x, y: topForCentre(node.kind, centreOf(before, old).y) };
  return withPlaces(doc, { [id]: snapPlace(node.kind, place) });
}
