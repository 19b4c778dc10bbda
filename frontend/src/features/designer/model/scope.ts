// What an expression at a node may read, as a tree of names: made from the start's input schema, the outputs of the tasks
// upstream, and what the engine itself gives.

import { choicesOf, descriptionOf, fieldsOf, isObject, resolve, titleOf, typeOf, type FieldType } from '@/shared/graph/json-schema';
import type { Locale, NodeTypeMap } from '@/shared/graph/node-type';
import { around, endsOf, nodeById, readableTasks, startOf, undoneBy } from '@/shared/graph/query';
import type { CallActivity, GraphDocument, GraphNode, Json, JsonObject } from '@/shared/graph/types';

export interface Name {
  name: string;
  type: FieldType;
  title: string;
  /** In the last run. */
  value?: Json;
  /** Asked for only when someone goes there: schemas may refer to themselves. */
  members: () => Name[];
}

const NO_MEMBERS = (): Name[] => [];

function leaf(name: string, type: FieldType, title: string): Name {
  return { name, type, title, members: NO_MEMBERS };
}

function fileMembers(): Name[] {
  return [leaf('name', 'string', ''), leaf('size', 'integer', ''), leaf('media_type', 'string', '')];
}

export function nameFromSchema(name: string, schema: JsonObject, root: JsonObject, locale: Locale): Name {
  const resolved = resolve(schema, root);
  const type = typeOf(resolved);
  const described = descriptionOf(resolved, locale);
  const choices = choicesOf(resolved)?.map((choice) => JSON.stringify(choice)).join(' | ');
  const title = [titleOf(resolved, name, locale), choices ?? described].filter((part) => part !== undefined).join(' · ');
  return {
    name,
    type,
    title,
    members: () => {
      if (type === 'file') return fileMembers();
      if (type === 'array') return isObject(resolved.items) ? nameFromSchema('[]', resolved.items, root, locale).members() : [];
      return fieldsOf(resolved).map((field) => nameFromSchema(field.name, field.schema, root, locale));
    },
  };
}

/** The output that readers of a task see: what its result mapping builds, else what its node type promises. */
export function outputOf(node: GraphNode, types: NodeTypeMap, locale: Locale, doc?: GraphDocument, called?: ScopeOptions['called']): Name[] {
  if (node.multi !== undefined) {
    const counts = ['total', 'completed', 'failed'].map((name) => leaf(name, 'integer', ''));
    return node.multi.collect === undefined ? counts : [...counts, leaf('values', 'array', '')];
  }
  if (node.user !== undefined) return nameFromSchema(node.id, node.user.form ?? {}, node.user.form ?? {}, locale).members();
  if (node.decision !== undefined) return node.decision.outputs.map((name) => leaf(name, node.decision?.hit === 'collect' ? 'array' : 'any', ''));
  if (node.boundary?.kind === 'error') return [leaf('code', 'string', ''), leaf('message', 'string', '')];
  if (node.kind === 'sub_process') {
    const ends = (doc?.nodes ?? []).filter((each) => each.parent === node.id);
    return [...new Set(ends.flatMap((end) => Object.keys(end.end?.output ?? {})))].map((name) => leaf(name, 'any', ''));
  }
  if (node.call !== undefined) {
    const document = called?.(node.call);
    const names = document === undefined ? [] : endsOf(document).flatMap((end) => Object.keys(end.end?.output ?? {}));
    const failure = node.call.on_failure === 'continue' ? [leaf('state', 'string', ''), leaf('error', 'object', '')] : [];
    return [...[...new Set(names)].map((name) => leaf(name, 'any', '')), ...failure];
  }
  if (node.kind === 'script_task') return Object.keys(node.script?.output ?? {}).map((name) => leaf(name, 'any', ''));
  if (node.service?.result !== undefined) return Object.keys(node.service.result).map((name) => leaf(name, 'any', ''));
  const schema = types[node.service?.type ?? '']?.output_schema;
  return schema === undefined ? [] : nameFromSchema(node.id, schema, schema, locale).members();
}

export interface ScopeOptions {
  /** The worker's output is in scope as "result". */
  result?: boolean;
  /** The document that a call runs, where it is known. */
  called?: (call: CallActivity) => GraphDocument | undefined;
}

/** What a step undoes, or the step around it does. */
function hostOf(doc: GraphDocument, id: string): GraphNode | undefined {
  return nodeById(doc, [id, ...around(doc, id)].flatMap((at) => undoneBy(doc, at))[0]);
}

/** An entry of a list by itself: each is undone with what it gave. */
function alone(node: GraphNode): GraphNode {
  const { multi: _, ...rest } = node;
  return rest;
}

export function scopeAt(doc: GraphDocument, id: string, types: NodeTypeMap, locale: Locale, options: ScopeOptions = {}): Name[] {
  const schema = startOf(doc)?.start?.input_schema ?? {};
  const node = doc.nodes.find((each) => each.id === id);
  const tasks = readableTasks(doc, id);
  const names: Name[] = [
    { ...nameFromSchema('input', schema, schema, locale), name: 'input', type: 'object', title: '' },
    {
      name: 'tasks',
      type: 'object',
      title: '',
      members: () => tasks.map((task) => ({ name: task.id, type: 'object', title: task.title, members: () => outputOf(task, types, locale, doc, options.called) })),
    },
    {
      name: 'process',
      type: 'object',
      title: '',
      members: () => [leaf('id', 'string', ''), leaf('custom_id', 'string', ''), leaf('definition', 'string', ''), leaf('version', 'integer', ''), leaf('started_at', 'string', '')],
    },
  ];
  const listed = [id, ...around(doc, id)].some((at) => doc.nodes.find((each) => each.id === at)?.multi !== undefined);
  if (listed) names.push(leaf('item', 'any', ''), leaf('index', 'integer', ''));
  const levels = [undefined, ...around(doc, id)];
  if (doc.nodes.some((each) => each.boundary?.kind === 'error' && levels.includes(each.parent))) {
    names.push({ name: 'error', type: 'object', title: '', members: () => [leaf('code', 'string', ''), leaf('message', 'string', '')] });
  }
  const host = hostOf(doc, id);
  if (host !== undefined) {
    names.push({
      name: 'undone', type: 'object', title: host.title,
      members: () => [
        { name: 'input', type: 'object', title: '', members: () => Object.keys(host.service?.input ?? host.user?.input ?? host.call?.input ?? {}).map((name) => leaf(name, 'any', '')) },
        { name: 'output', type: 'object', title: '', members: () => outputOf(alone(host), types, locale, doc, options.called) },
        leaf('node', 'string', ''), leaf('run', 'integer', ''),
      ],
    });
  }
  if (options.result === true && node?.service !== undefined) {
    const output = types[node.service.type]?.output_schema ?? {};
    names.push({ ...nameFromSchema('result', output, output, locale), name: 'result', type: 'object', title: '' });
  }
  return names;
}

/** The name that a plain path leads to: "tasks.check.valid"; undefined for anything that is more than a path. */
export function pathTo(names: readonly Name[], source: string): Name | undefined {
  const parts = source.trim().split(/\??\./);
  let at: readonly Name[] = names;
  let found: Name | undefined;
  for (const part of parts) {
    found = at.find((each) => each.name === part);
    if (found === undefined) return undefined;
    at = found.members();
  }
  return found;
}
