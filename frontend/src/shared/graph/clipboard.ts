// Copying a part of a graph as JSON text, and putting it into this or another document under new ids.

import { addEdge, addNode, renameNode, withHeld, withoutUndo } from './edit';
import { boxOf, enclosing, placeOf, snap } from './geometry';
import { isNodeId, uniqueName } from './ids';
import { NODE_KINDS } from './kinds';
import { nodeById, nodeIds } from './query';
import { addFrame, addNote, updateFrame } from './remarks';
import type { Frame, GraphDocument, GraphEdge, GraphNode, Note, Point, Value } from './types';

export const CLIPBOARD_FORMAT = 'taskurotta/graph';

export interface Fragment {
  format: typeof CLIPBOARD_FORMAT;
  nodes: GraphNode[];
  edges: GraphEdge[];
  places: Record<string, Point>;
  notes: Note[];
  frames: Frame[];
}

export interface Picked {
  nodes: Iterable<string>;
  notes?: Iterable<string>;
  frames?: Iterable<string>;
}

/** Whether a field of a step holds what only the installation may know. */
export type IsSecret = (node: GraphNode, field: string) => boolean;

const NO_FIELD: IsSecret = () => false;

/** What was picked, with what it holds: the insides of sub-processes, the events on borders, the nodes of frames. */
export function copyFragment(doc: GraphDocument, picked: Picked, isSecret: IsSecret = NO_FIELD): Fragment {
  const wantedFrames = new Set(picked.frames ?? []);
  const frames = doc.layout.frames ?? [];
  const wanted = new Set([...picked.nodes, ...frames.filter((frame) => wantedFrames.has(frame.id)).flatMap((frame) => frame.nodes)]);
  const ids = withHeld(doc, wanted);
  const nodes = doc.nodes.filter((node) => ids.has(node.id));
  const notes = new Set(picked.notes ?? []);
  return {
    format: CLIPBOARD_FORMAT,
    nodes: nodes.map((node) => withoutSecrets(withoutUndo(node, (id) => !ids.has(id)), isSecret)),
    edges: doc.edges.filter((edge) => ids.has(edge.from) && ids.has(edge.to)),
    places: Object.fromEntries(nodes.filter((node) => node.boundary === undefined).map((node) => [node.id, placeOf(doc, node.id)])),
    notes: (doc.notes ?? []).filter((note) => notes.has(note.id) || (note.parent !== undefined && ids.has(note.parent))),
    frames: frames.filter((frame) => frame.nodes.every((id) => ids.has(id))),
  };
}

function isReference(value: Value): boolean {
  return typeof value === 'string' && value.startsWith('secret://');
}

/** Names of secrets and secret literals stay where they are: another definition, or another installation, has its own. */
function withoutSecrets(node: GraphNode, isSecret: IsSecret): GraphNode {
  let next = node;
  const input = node.service?.input;
  if (input !== undefined && node.service !== undefined) {
    const open = Object.entries(input).filter(([field, value]) => !isReference(value) && !(isSecret(node, field) && !isExpression(value)));
    if (open.length < Object.keys(input).length) next = { ...next, service: { ...node.service, input: Object.fromEntries(open) } };
  }
  if (node.start?.webhook?.secret !== undefined) {
    const { secret: _, ...webhook } = node.start.webhook;
    next = { ...next, start: { ...node.start, webhook } };
  }
  return next;
}

function isExpression(value: Value): boolean {
  return typeof value === 'string' && value.startsWith('=') && !value.startsWith('==');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNode(value: unknown): value is GraphNode {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    isNodeId(value.id) &&
    typeof value.title === 'string' &&
    NODE_KINDS.some((kind) => kind === value.kind)
  );
}

function isEdge(value: unknown): value is GraphEdge {
  return isRecord(value) && typeof value.id === 'string' && typeof value.from === 'string' && typeof value.to === 'string';
}

function isNote(value: unknown): value is Note {
  return isRecord(value) && typeof value.id === 'string' && typeof value.text === 'string' && [value.x, value.y, value.width, value.height].every(Number.isFinite);
}

function isFrame(value: unknown): value is Frame {
  return isRecord(value) && typeof value.title === 'string' && Array.isArray(value.nodes) && value.nodes.every((id) => typeof id === 'string');
}

function listOf<T>(value: unknown, is: (each: unknown) => each is T): T[] {
  return Array.isArray(value) ? value.filter(is) : [];
}

/** Reads text from a clipboard; anything that is not a fragment of ours is undefined. */
export function parseFragment(text: string): Fragment | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(raw) || raw.format !== CLIPBOARD_FORMAT) return undefined;
  const nodes = listOf(raw.nodes, isNode);
  const notes = listOf(raw.notes, isNote);
  if (nodes.length + notes.length === 0) return undefined;
  const known = new Set(nodes.map((node) => node.id));
  const places: Record<string, Point> = {};
  for (const [id, place] of Object.entries(isRecord(raw.places) ? raw.places : {})) {
    if (isRecord(place) && typeof place.x === 'number' && typeof place.y === 'number') places[id] = { x: place.x, y: place.y };
  }
  return {
    format: CLIPBOARD_FORMAT,
    nodes,
    edges: listOf(raw.edges, isEdge).filter((edge) => known.has(edge.from) && known.has(edge.to)),
    places,
    notes,
    frames: listOf(raw.frames, isFrame).filter((frame) => frame.nodes.every((id) => known.has(id))),
  };
}

export type Where = { offset: Point } | { corner: Point };

export interface PasteOptions {
  /** The sub-process that the fragment goes into. */
  parent?: string | undefined;
  /** The activity that events which stood on a border without theirs are put on. */
  host?: string | undefined;
}

export interface Pasted {
  doc: GraphDocument;
  /** The new ids of what stood by itself, not of what it holds. */
  ids: string[];
  notes: string[];
  /** From the fragment's ids to the new ones. */
  renamed: ReadonlyMap<string, string>;
}

/** What of a fragment fits into a level: a second start that people use is left out, and an event on a border without an activity. */
function fitting(doc: GraphDocument, fragment: Fragment, parent: string | undefined, host: string | undefined): GraphNode[] {
  const known = new Set(fragment.nodes.map((node) => node.id));
  const byHand = (node: GraphNode): boolean => parent !== undefined || (node.start?.kind ?? 'manual') === 'manual';
  const begun = doc.nodes.some((node) => node.kind === 'start_event' && node.parent === parent && byHand(node));
  return fragment.nodes.filter((node) => {
    const own = node.parent !== undefined && known.has(node.parent);
    if (!own && node.kind === 'start_event' && begun && byHand(node)) return false;
    return node.boundary === undefined || known.has(node.boundary.on) || host !== undefined;
  });
}

/** A node of a fragment under its new id, in the level and on the activity that it comes to. */
function settled(doc: GraphDocument, node: GraphNode, known: ReadonlySet<string>, parent: string | undefined, host: string | undefined): GraphNode {
  if (node.parent !== undefined && known.has(node.parent)) return node;
  const { parent: _, ...rest } = node;
  const onHost = node.boundary !== undefined && !known.has(node.boundary.on) && host !== undefined;
  const level = onHost ? nodeById(doc, host)?.parent : parent;
  return { ...rest, ...(level !== undefined && { parent: level }), ...(onHost && node.boundary !== undefined && { boundary: { ...node.boundary, on: host } }) };
}

/**
 * Adds a fragment, moved by an offset or with its top left corner at a point. Readings inside the fragment follow the new ids.
 */
export function pasteFragment(doc: GraphDocument, fragment: Fragment, where: Where, options: PasteOptions = {}): Pasted {
  const parent = nodeById(doc, options.parent)?.kind === 'sub_process' ? options.parent : undefined;
  const host = nodeById(doc, options.host)?.id;
  const nodes = fitting(doc, fragment, parent, host);
  const taken = nodeIds(doc);
  let part: GraphDocument = { schema: doc.schema, nodes, edges: fragment.edges, layout: { nodes: fragment.places, frames: fragment.frames }, notes: fragment.notes };
  const renamed = new Map<string, string>();
  for (const node of nodes) {
    const others = new Set([...taken, ...nodeIds(part)]);
    others.delete(node.id);
    const id = taken.has(node.id) ? uniqueName(node.id, new Set([...others, node.id])) : node.id;
    part = renameNode(part, node.id, id);
    taken.add(id);
    renamed.set(node.id, id);
  }
  // Only now: what lies around the fragment may have the names that its own nodes had.
  const own = new Set(renamed.values());
  part = { ...part, nodes: part.nodes.map((node) => settled(doc, node, own, parent, host)) };
  const offset = 'offset' in where ? where.offset : offsetTo(part, where.corner);
  const by = { x: snap(offset.x), y: snap(offset.y) };
  let next = doc;
  for (const node of part.nodes) {
    const place = placeOf(part, node.id);
    next = node.boundary === undefined ? addNode(next, node, { x: place.x + by.x, y: place.y + by.y }) : { ...next, nodes: [...next.nodes, node] };
  }
  for (const { id: _, ...edge } of part.edges) if (own.has(edge.from) && own.has(edge.to)) next = addEdge(next, edge).doc;
  for (const frame of part.layout.frames ?? []) {
    const framed = addFrame(next, frame.nodes, frame.title);
    if (framed !== undefined) next = frame.color === undefined ? framed.doc : updateFrame(framed.doc, framed.id, { color: frame.color });
  }
  const notes: string[] = [];
  for (const { id: _, parent: around, ...note } of part.notes ?? []) {
    const level = around !== undefined && own.has(around) ? around : parent;
    const added = addNote(next, { ...note, ...(level !== undefined && { parent: level }), x: note.x + by.x, y: note.y + by.y });
    next = added.doc;
    notes.push(added.id);
  }
  const ids = part.nodes.filter((node) => node.parent === undefined || !own.has(node.parent)).map((node) => node.id);
  return { doc: next, ids, notes, renamed };
}

function offsetTo(part: GraphDocument, corner: Point): Point {
  const placed = part.nodes.filter((node) => node.boundary === undefined).map((node) => boxOf(part, node));
  const box = enclosing([...placed, ...(part.notes ?? [])]);
  return box === undefined ? corner : { x: corner.x - box.x, y: corner.y - box.y };
}
