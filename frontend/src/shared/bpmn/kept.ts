// What a document keeps of the BPMN file that it was read from: the file itself, without our own pieces, so that whatever it
// holds beside what we read is written back. It lies in the document's extensions, which change no meaning.

import type { GraphDocument, Json, JsonObject } from '../graph/types';
import type { Scale } from './diagram';

export interface Kept {
  xml: string;
  /** Which process of the file, and which diagram of it, by their places in it. */
  process: number;
  diagram: number | undefined;
  scale: Scale;
  /** The ids that nodes have in the file, by those that they have in the document. */
  ids: Readonly<Record<string, string>>;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function keptIn(doc: GraphDocument): Kept | undefined {
  const kept = doc.extensions?.bpmn;
  if (!isObject(kept)) return undefined;
  const { xml, process, diagram, scale, ids } = kept;
  if (typeof xml !== 'string' || typeof process !== 'number' || !isObject(scale) || typeof scale.x !== 'number' || typeof scale.y !== 'number' || !isObject(ids)) {
    return undefined;
  }
  if (!(scale.x > 0 && scale.y > 0)) return undefined;
  const named = Object.entries(ids).flatMap(([id, theirs]) => (typeof theirs === 'string' ? [[id, theirs] as const] : []));
  return { xml, process, diagram: typeof diagram === 'number' ? diagram : undefined, scale: { x: scale.x, y: scale.y }, ids: Object.fromEntries(named) };
}

export function withKept(doc: GraphDocument, kept: Kept | undefined): GraphDocument {
  const { extensions, ...rest } = doc;
  const { bpmn: _, ...others } = extensions ?? {};
  if (kept === undefined) return Object.keys(others).length === 0 ? rest : { ...rest, extensions: others };
  const { diagram, ids, scale, ...plain } = kept;
  return { ...rest, extensions: { ...others, bpmn: { ...plain, ...(diagram !== undefined && { diagram }), ids: { ...ids }, scale: { ...scale } } } };
}
