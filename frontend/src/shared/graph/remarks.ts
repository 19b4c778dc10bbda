// Notes and frames: what people draw around and beside the steps. They change no meaning.

import { centreOf, frameBox } from './geometry';
import { frameOf, nodeById } from './query';
import type { Frame, GraphDocument, Note, Point } from './types';

export const NOTE_SIZE = { width: 240, height: 120 };
export const NOTE_LEAST = { width: 120, height: 56 };

function nextId(prefix: string, taken: ReadonlySet<string>): string {
  for (let n = taken.size + 1; ; n++) if (!taken.has(`${prefix}${String(n)}`)) return `${prefix}${String(n)}`;
}

export function noteById(doc: GraphDocument, id: string | undefined): Note | undefined {
  return doc.notes?.find((note) => note.id === id);
}

export function frameById(doc: GraphDocument, id: string | undefined): Frame | undefined {
  return doc.layout.frames?.find((frame) => frame.id === id);
}

function withNotes(doc: GraphDocument, notes: readonly Note[]): GraphDocument {
  const { notes: _, ...rest } = doc;
  return notes.length === 0 ? rest : { ...rest, notes };
}

export function withFrames(doc: GraphDocument, frames: readonly Frame[]): GraphDocument {
  const { frames: _, ...layout } = doc.layout;
  return { ...doc, layout: frames.length === 0 ? layout : { ...layout, frames } };
}

/** Adds a note under a new id. */
export function addNote(doc: GraphDocument, note: Omit<Note, 'id'>): { doc: GraphDocument; id: string } {
  const notes = doc.notes ?? [];
  const id = nextId('n', new Set(notes.map((each) => each.id)));
  return { doc: withNotes(doc, [...notes, { id, ...note }]), id };
}

export function updateNote(doc: GraphDocument, id: string, change: Partial<Omit<Note, 'id'>>): GraphDocument {
  const note = noteById(doc, id);
  if (note === undefined) return doc;
  const next = { ...note, ...change };
  const same = (Object.keys(next) as (keyof Note)[]).every((key) => next[key] === note[key]);
  return same ? doc : withNotes(doc, (doc.notes ?? []).map((each) => (each.id === id ? next : each)));
}

export function moveNotes(doc: GraphDocument, places: Readonly<Record<string, Point>>): GraphDocument {
  let next = doc;
  for (const [id, place] of Object.entries(places)) next = updateNote(next, id, place);
  return next;
}

export function removeNotes(doc: GraphDocument, ids: ReadonlySet<string>): GraphDocument {
  const notes = (doc.notes ?? []).filter((note) => !ids.has(note.id));
  return notes.length === (doc.notes?.length ?? 0) ? doc : withNotes(doc, notes);
}

/** Whether a frame can be drawn around nodes: they lie in one level, and none is an event on a border alone. */
export function canFrame(doc: GraphDocument, ids: Iterable<string>): boolean {
  const nodes = framed(doc, ids).map((id) => nodeById(doc, id));
  return nodes.length > 0 && nodes.every((node) => node?.parent === nodes[0]?.parent);
}

/** What of a selection a frame holds: an event on a border goes with its activity. */
function framed(doc: GraphDocument, ids: Iterable<string>): string[] {
  return [...new Set(ids)].filter((id) => {
    const node = nodeById(doc, id);
    return node !== undefined && node.boundary === undefined;
  });
}

/** Draws a frame around nodes, which leave the frames that they were in. */
export function addFrame(doc: GraphDocument, ids: Iterable<string>, title: string): { doc: GraphDocument; id: string } | undefined {
  if (!canFrame(doc, ids)) return undefined;
  const nodes = framed(doc, ids);
  const id = nextId('f', new Set((doc.layout.frames ?? []).map((frame) => frame.id)));
  const rest = without(doc.layout.frames ?? [], new Set(nodes));
  return { doc: withFrames(doc, [...rest, { id, title, nodes }]), id };
}

/** Frames without some nodes; a frame that holds none any more is gone. */
function without(frames: readonly Frame[], ids: ReadonlySet<string>): Frame[] {
  return frames.flatMap((frame) => {
    if (!frame.nodes.some((id) => ids.has(id))) return [frame];
    const nodes = frame.nodes.filter((id) => !ids.has(id));
    return nodes.length === 0 ? [] : [{ ...frame, nodes }];
  });
}

export function updateFrame(doc: GraphDocument, id: string, change: Partial<Pick<Frame, 'title' | 'color'>>): GraphDocument {
  const frame = frameById(doc, id);
  if (frame === undefined) return doc;
  const next = { ...frame, ...change };
  if (next.title === frame.title && next.color === frame.color) return doc;
  return withFrames(doc, (doc.layout.frames ?? []).map((each) => (each.id === id ? next : each)));
}

/** Takes frames away; what they held stays. */
export function removeFrames(doc: GraphDocument, ids: ReadonlySet<string>): GraphDocument {
  const frames = (doc.layout.frames ?? []).filter((frame) => !ids.has(frame.id));
  return frames.length === (doc.layout.frames?.length ?? 0) ? doc : withFrames(doc, frames);
}

/** Takes removed nodes out of their frames. */
export function unframed(doc: GraphDocument, ids: ReadonlySet<string>): GraphDocument {
  const frames = doc.layout.frames ?? [];
  const next = without(frames, ids);
  return next.length === frames.length && next.every((frame, index) => frame === frames[index]) ? doc : withFrames(doc, next);
}

/** Puts a node into the frame that two others share. */
export function framedBetween(doc: GraphDocument, id: string, a: string, b: string): GraphDocument {
  const frame = frameOf(doc, a);
  if (frame === undefined || frameOf(doc, b) !== frame || frameOf(doc, id) === frame) return doc;
  return withFrames(doc, (doc.layout.frames ?? []).map((each) => (each.id === frame.id ? { ...each, nodes: [...each.nodes, id] } : each)));
}

/**
 * Nodes that were dragged leave their frame when they were dropped beyond where it stood, and join the one where they were
 * dropped. Those that moved together with their whole frame stay in it.
 */
export function reframed(before: GraphDocument, after: GraphDocument, dragged: readonly string[]): GraphDocument {
  if ((before.layout.frames ?? []).length === 0) return after;
  const moved = new Set(dragged);
  const boxes = (before.layout.frames ?? []).map((frame) => ({ frame, box: frameBox(before, frame), level: nodeById(before, frame.nodes[0])?.parent }));
  const home = new Map<string, string | undefined>();
  for (const id of dragged) {
    const node = nodeById(after, id);
    const frame = frameOf(before, id);
    if (node === undefined || node.boundary !== undefined || frame?.nodes.every((each) => moved.has(each)) === true) continue;
    const centre = centreOf(after, node);
    const at = boxes.find(
      ({ box, level }) =>
        box !== undefined && level === node.parent &&
        centre.x > box.x && centre.x < box.x + box.width && centre.y > box.y && centre.y < box.y + box.height,
    )?.frame.id;
    if (at !== frame?.id) home.set(id, at);
  }
  if (home.size === 0) return after;
  const frames = without(after.layout.frames ?? [], new Set(home.keys())).map((frame) => {
    const joining = [...home].filter(([, to]) => to === frame.id).map(([id]) => id);
    return joining.length === 0 ? frame : { ...frame, nodes: [...frame.nodes, ...joining] };
  });
  return withFrames(after, frames);
}
