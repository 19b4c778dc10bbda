// A document as the server's codec writes it: members that say nothing are left out, so that it does not matter who wrote it.

import type { GraphDocument, Json, JsonObject } from '@/shared/graph/types';

export interface Canonical {
  nodes: JsonObject[];
  edges: JsonObject[];
  notes: JsonObject[];
  /** Without the places of nodes. */
  layout: JsonObject;
  extensions: JsonObject;
}

/** Members that hold values of the author: there false, "" and {} mean what they are. Paths inside a node; * is any entry. */
const VALUES = [
  'service/input', 'service/result', 'script/output', 'user/input', 'user/form', 'end/output', 'call/input', 'start/input_schema',
  'start/schedule/input', 'multi/items', 'multi/collect', 'decision/rules/*/then',
];

/** Members that are written even when they are empty. */
const ALWAYS = new Set([
  'title', 'script/output', 'service/type', 'timer/value', 'message/name', 'message/key', 'boundary/on', 'call/definition', 'decision/inputs',
  'decision/outputs', 'decision/rules', 'decision/rules/*/when', 'decision/rules/*/then', 'start/schedule/cron', 'user/form',
]);

export function canonical(doc: GraphDocument): Canonical {
  const json = (value: object): JsonObject => value as JsonObject;
  const list = (values: readonly object[] = []): JsonObject[] => values.map(json);
  const { nodes: _, ...layout } = doc.layout;
  return {
    nodes: list(doc.nodes).map((node) => ({ title: '', ...told(node, '') })),
    edges: list(doc.edges).map((edge) => told({ ...edge, ...(edge.title === '' && { title: false }) }, '')),
    notes: list(doc.notes),
    layout: json(layout),
    extensions: doc.extensions ?? {},
  };
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === '' || value === false || value === 0) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function told(object: JsonObject, at: string): JsonObject {
  const members: JsonObject = {};
  for (const [name, value] of Object.entries(object)) {
    const path = at === '' ? name : `${at}/${name}`;
    if (isEmpty(value) && !ALWAYS.has(path) && !STRUCTS.has(path)) continue;
    members[name] = below(value, path);
  }
  return members;
}

/** Members that are there or not, whatever they hold. */
const STRUCTS = new Set([
  'start', 'end', 'service', 'script', 'user', 'decision', 'call', 'timer', 'message', 'boundary', 'multi', 'service/retry', 'service/timeouts',
  'start/schedule', 'start/webhook', 'user/due', 'user/escalate', 'boundary/timer', 'boundary/message',
]);

function below(value: Json, path: string): Json {
  if (VALUES.includes(path) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => below(entry, `${path}/*`));
  return told(value, path);
}
