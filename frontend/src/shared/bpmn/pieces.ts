// The document that our own pieces in a file make, whatever happened to the rest of the file.

import { NODE_KINDS } from '../graph/kinds';
import type { Frame, GraphDocument, GraphEdge, GraphNode, Json, JsonObject, Note } from '../graph/types';
import { pieceOf, within, type BpmnElement, type PieceName } from './moddle';
import { ordered } from './read';

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const text = (value: Json | undefined): boolean => typeof value === 'string';
const optional = (value: Json | undefined, is: (value: Json | undefined) => boolean): boolean => value === undefined || is(value);

// As much of the shape as the canvas needs to draw it; the server has the last word on every field.
function isNode(value: unknown): value is GraphNode & JsonObject {
  return (
    isObject(value) && text(value.id) && text(value.kind) && NODE_KINDS.some((kind) => kind === value.kind) && optional(value.title, text) &&
    optional(value.parent, text) && optional(value.undone_by, text) && optional(value.undoes, text) &&
    ['start', 'end', 'service', 'script', 'user', 'decision', 'call', 'timer', 'message', 'boundary', 'multi'].every((name) => optional(value[name], isObject))
  );
}

function isEdge(value: unknown): value is GraphEdge & JsonObject {
  return isObject(value) && text(value.id) && text(value.from) && text(value.to) && optional(value.title, text) && optional(value.condition, text);
}

function isNote(value: unknown): value is Note & JsonObject {
  return isObject(value) && text(value.id) && text(value.text) && ['x', 'y', 'width', 'height'].every((name) => typeof value[name] === 'number');
}

function isFrame(value: unknown): value is Frame & JsonObject {
  return isObject(value) && text(value.id) && text(value.title) && Array.isArray(value.nodes) && value.nodes.every((id) => typeof id === 'string');
}

/** Undefined when the process is not one of ours. */
export function piecesIn(process: BpmnElement): GraphDocument | undefined {
  const json = pieceOf(process, 'Document')?.json;
  const head = json === undefined ? undefined : parsed(json);
  if (!isObject(head) || typeof head.schema !== 'number' || !isObject(head.layout)) return undefined;
  const { notes: withNotes, frames: withFrames, edges: loose, layout: places, extensions, schema } = head;
  const elements = [...within(process)];
  const all = <T>(name: PieceName, fits: (value: unknown) => value is T & JsonObject): { value: T; order: number | undefined }[] =>
    elements.flatMap((element) => {
      const piece = pieceOf(element, name);
      const value = piece === undefined ? undefined : parsed(piece.json);
      return piece !== undefined && fits(value) ? [{ value, order: piece.order }] : [];
    });
  const listed = <T>(items: { value: T; order: number | undefined }[]): T[] => ordered(items, (item) => item.order).map((item) => item.value);
  const apart = Array.isArray(loose)
    ? loose.flatMap((each) => (isObject(each) && typeof each.order === 'number' && isEdge(each.edge) ? [{ value: each.edge, order: each.order }] : []))
    : [];
  const frames = listed(all<Frame>('Frame', isFrame));
  const notes = listed(all<Note>('Note', isNote));
  return {
    schema,
    nodes: listed(all<GraphNode>('Node', isNode)),
    edges: listed([...all<GraphEdge>('Edge', isEdge), ...apart]),
    layout: { ...(places), ...(withFrames !== undefined && { frames }) },
    ...(withNotes !== undefined && { notes }),
    ...(isObject(extensions) && { extensions }),
  };
}
