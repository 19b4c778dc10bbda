// What of a document is shown: one level of it, with some sub-processes and frames folded. A view is a document to look at;
// what is done on it goes back to the document itself, which never knows what was folded.

import { boxOf, frameBox, ownSize, snapPlace } from './geometry';
import { foldOf, type FoldedNode } from './fold';
import { moved } from './levels';
import { around, frameOf, inside, nodeById } from './query';
import { frameRef, parseRef } from './refs';
import { frameById, moveNotes, noteById } from './remarks';
import type { Frame, GraphDocument, GraphEdge, GraphNode, Point } from './types';

export interface View {
  /** The sub-process that is shown by itself; undefined is the whole process. */
  level: string | undefined;
  /** Sub-processes by their ids, frames by their refs. */
  folded: ReadonlySet<string>;
}

export const WHOLE: View = { level: undefined, folded: new Set() };

/** The document as it is seen. Without a level and without folds it is the very document. */
export function viewOf(doc: GraphDocument, view: View): GraphDocument {
  const level = nodeById(doc, view.level)?.kind === 'sub_process' ? view.level : undefined;
  const shown = level === undefined ? doc : within(doc, level);
  return foldFrames(foldSubProcesses(shown, view.folded), view.folded);
}

function within(doc: GraphDocument, level: string): GraphDocument {
  return kept(doc, new Set(inside(doc, level).map((node) => node.id)), (parent) => parent !== undefined && (parent === level || around(doc, parent).includes(level)));
}

/** The part of a document that holds some nodes; notes are kept by the level that they stand in. */
function kept(doc: GraphDocument, ids: ReadonlySet<string>, level: (parent: string | undefined) => boolean): GraphDocument {
  const notes = (doc.notes ?? []).filter((note) => level(note.parent));
  return {
    ...doc,
    nodes: doc.nodes.filter((node) => ids.has(node.id)),
    edges: doc.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    layout: { ...doc.layout, frames: (doc.layout.frames ?? []).filter((frame) => frame.nodes.some((id) => ids.has(id))) },
    notes,
  };
}

function foldSubProcesses(doc: GraphDocument, folded: ReadonlySet<string>): GraphDocument {
  const known = new Set(doc.nodes.filter((node) => node.kind === 'sub_process' && folded.has(node.id)).map((node) => node.id));
  if (known.size === 0) return doc;
  const hidden = new Set(doc.nodes.filter((node) => around(doc, node.id).some((id) => known.has(id))).map((node) => node.id));
  const places: Record<string, Point> = {};
  const nodes = doc.nodes
    .filter((node) => !hidden.has(node.id))
    .map((node): GraphNode => {
      if (!known.has(node.id)) return node;
      const folding: FoldedNode = { ...node, fold: { what: 'sub_process', count: steps(inside(doc, node.id)) } };
      places[node.id] = placeInside(folding, boxOf(doc, node));
      return folding;
    });
  const seen = kept({ ...doc, nodes }, new Set(nodes.map((node) => node.id)), (parent) => parent === undefined || (!hidden.has(parent) && !known.has(parent)));
  return { ...seen, layout: { ...seen.layout, nodes: { ...doc.layout.nodes, ...places } } };
}

/** Where what is folded stands: at the left edge of what it hides, so that flows come in as before. */
function placeInside(node: GraphNode, box: { x: number; y: number; width: number; height: number }): Point {
  return { x: box.x, y: box.y + box.height / 2 - ownSize(node).height / 2 };
}

function steps(nodes: readonly GraphNode[]): number {
  return nodes.filter((node) => node.kind !== 'start_event' && node.kind !== 'end_event').length;
}

function foldFrames(doc: GraphDocument, folded: ReadonlySet<string>): GraphDocument {
  const frames = (doc.layout.frames ?? []).filter((frame) => folded.has(frameRef(frame.id)));
  let seen = doc;
  for (const frame of frames) seen = foldFrame(seen, frame);
  return seen;
}

function foldFrame(doc: GraphDocument, frame: Frame): GraphDocument {
  const box = frameBox(doc, frame);
  const first = frame.nodes.map((id) => nodeById(doc, id)).find((node) => node !== undefined);
  if (box === undefined || first === undefined) return doc;
  const own = new Set(frame.nodes);
  const hides = (node: GraphNode): boolean =>
    own.has(node.id) || own.has(node.boundary?.on ?? '') || around(doc, node.id).some((id) => own.has(id)) || around(doc, node.boundary?.on ?? '').some((id) => own.has(id));
  const hidden = new Set(doc.nodes.filter(hides).map((node) => node.id));
  const id = frameRef(frame.id);
  const { parent } = first;
  const chip: FoldedNode = {
    id, kind: 'sub_process', title: frame.title, ...(parent !== undefined && { parent }),
    fold: { what: 'frame', count: steps(doc.nodes.filter((node) => hidden.has(node.id) && node.boundary === undefined)) },
  };
  const at = (end: string): string => (hidden.has(end) ? id : end);
  const drawn = new Set<string>();
  const edges = doc.edges.flatMap((edge): GraphEdge[] => {
    if (!hidden.has(edge.from) && !hidden.has(edge.to)) return [edge];
    const ends = { from: at(edge.from), to: at(edge.to) };
    const name = `${ends.from} ${ends.to}`;
    if (ends.from === ends.to || drawn.has(name)) return [];
    drawn.add(name);
    return [{ ...edge, ...ends }];
  });
  return {
    ...doc,
    nodes: [...doc.nodes.filter((node) => !hidden.has(node.id)), chip],
    edges,
    layout: { frames: (doc.layout.frames ?? []).filter((each) => each.id !== frame.id), nodes: { ...doc.layout.nodes, [id]: placeInside(chip, box) } },
  };
}

/** Whether a node is drawn in a view. */
export function isShown(doc: GraphDocument, view: View, id: string): boolean {
  return nodeById(viewOf(doc, view), id) !== undefined;
}

/** The view nearest to this one in which a node is drawn. */
export function revealing(doc: GraphDocument, view: View, id: string): View {
  const levels = around(doc, id);
  const level = view.level !== undefined && levels.includes(view.level) ? view.level : undefined;
  const inTheWay = new Set(levels);
  for (const each of [id, ...levels, nodeById(doc, id)?.boundary?.on]) {
    const frame = each === undefined ? undefined : frameOf(doc, each);
    if (frame !== undefined) inTheWay.add(frameRef(frame.id));
  }
  const folded = [...view.folded].some((ref) => inTheWay.has(ref)) ? new Set([...view.folded].filter((ref) => !inTheWay.has(ref))) : view.folded;
  return level === view.level && folded === view.folded ? view : { level, folded };
}

/** Whatever a dragged thing carries along: a frame its nodes. */
function carried(doc: GraphDocument, ref: string): readonly string[] {
  const { what, id } = parseRef(ref);
  return what === 'frame' ? (frameById(doc, id)?.nodes ?? []) : what === 'node' ? [id] : [];
}

/** Where things come to lie that were dragged on a view, in the words of the document. */
export function draggedTo(doc: GraphDocument, seen: GraphDocument, places: Readonly<Record<string, Point>>): { doc: GraphDocument; places: Record<string, Point> } {
  const next: Record<string, Point> = {};
  const notes: Record<string, Point> = {};
  for (const [ref, place] of Object.entries(places)) {
    const { what, id } = parseRef(ref);
    if (what === 'note') {
      if (noteById(doc, id) !== undefined) notes[id] = place;
      continue;
    }
    const from = boxShown(seen, ref);
    if (from === undefined) continue;
    const ids = carried(doc, ref);
    const plain = what === 'node' && nodeById(doc, id)?.kind !== 'sub_process';
    for (const [other, at] of Object.entries(moved(doc, ids, place.x - from.x, place.y - from.y))) {
      if (plain && other === id) next[other] = snapPlace(nodeById(doc, id)?.kind ?? 'service_task', place);
      else if (!(other in places)) next[other] = at;
      else next[other] ??= at;
    }
  }
  return { doc: moveNotes(doc, notes), places: next };
}

function boxShown(seen: GraphDocument, ref: string): Point | undefined {
  const node = nodeById(seen, ref);
  if (node !== undefined) return boxOf(seen, node);
  const { what, id } = parseRef(ref);
  const frame = what === 'frame' ? frameById(seen, id) : undefined;
  return frame === undefined ? undefined : frameBox(seen, frame);
}

/** Whether a node of a view stands for others. */
export function isFolded(node: GraphNode): boolean {
  return foldOf(node) !== undefined;
}
