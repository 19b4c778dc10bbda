// What mends a problem at a press. Each mend is one step of the history; a problem that only a person can judge has none.

import { canConnect } from '@/shared/graph/connect';
import { connect, removeEdges, removeNodesClosingGaps, updateEdge, updateNode } from '@/shared/graph/edit';
import { renameTaskInValue, tasksReadBy } from '@/shared/graph/expression';
import { idFromTitle, transliterate, uniqueName } from '@/shared/graph/ids';
import { insertAfter, insertAt, insertHandler, insertOnEdge } from '@/shared/graph/insert';
import { isGateway, takesEntry } from '@/shared/graph/kinds';
import { localized, type Locale, type NodeTypeMap } from '@/shared/graph/node-type';
import { valueAt, withValueAt } from '@/shared/graph/pointer';
import { boxOf } from '@/shared/graph/geometry';
import { childrenOf, edgeById, incoming, nodeById, nodeIds, outgoing, readableTasks } from '@/shared/graph/query';
import { replaceNode } from '@/shared/graph/replace';
import type { GraphDocument, GraphNode, Json, NodeKind, Value } from '@/shared/graph/types';

import { score } from './fuzzy';
import { elementOf } from './palette';
import type { Problem } from './problems';
import { scopeAt } from './scope';
import { namesInScope } from './scope-search';

export interface QuickFix {
  /** A key of the texts, "fix.<id>". */
  id: string;
  params?: Record<string, string | number>;
  apply: (doc: GraphDocument) => GraphDocument;
}

export interface FixOptions {
  types: NodeTypeMap;
  locale: Locale;
}

type Mend = (problem: Problem, doc: GraphDocument, options: FixOptions) => QuickFix[];

function titleOf(node: GraphNode): string {
  return node.title === '' ? node.id : node.title;
}

function fix(id: string, apply: QuickFix['apply'], params?: QuickFix['params']): QuickFix {
  return { id, apply, ...(params !== undefined && { params }) };
}

/** Changes the place that a problem names, in its node or its flow. */
function mendField(problem: Problem, change: (value: Json | undefined) => Json | undefined, field = problem.field): QuickFix['apply'] {
  return (doc) => {
    if (problem.node !== undefined) return updateNode(doc, problem.node, (node) => withValueAt(node, field, change(valueAt(node, field))));
    const edge = edgeById(doc, problem.edge);
    if (edge === undefined) return doc;
    return { ...doc, edges: doc.edges.map((each) => (each === edge ? withValueAt(edge, field, change(valueAt(edge, field))) : each)) };
  };
}

const dropField =
  (id: string): Mend =>
  (problem) =>
    problem.field === '' ? [] : [fix(id, mendField(problem, () => undefined))];

const removeFlow: Mend = ({ edge }) => (edge === undefined ? [] : [fix('remove_flow', (doc) => removeEdges(doc, new Set([edge])))]);

const removeStep: Mend = ({ node }, doc) => {
  const found = nodeById(doc, node);
  return found === undefined ? [] : [fix('remove_step', (current) => removeNodesClosingGaps(current, [found.id]), { title: titleOf(found) })];
};

/** The first step of a level that nothing leads to, or the leftmost one. */
function firstOf(doc: GraphDocument, parent: string | undefined): GraphNode | undefined {
  const nodes = childrenOf(doc, parent).filter((node) => takesEntry(node.kind));
  const lonely = nodes.filter((node) => incoming(doc, node.id).length === 0);
  return (lonely.length > 0 ? lonely : nodes).reduce<GraphNode | undefined>(
    (best, node) => (best === undefined || boxOf(doc, node).x < boxOf(doc, best).x ? node : best),
    undefined,
  );
}

const addStart: Mend = (problem, _doc, { locale }) => [
  fix('add_start', (doc) => {
    const first = firstOf(doc, problem.node);
    const box = first === undefined ? { x: 160, y: 240, height: 0 } : boxOf(doc, first);
    const title = problem.node === undefined ? localized(elementOf('start_event')?.title, locale) : '';
    const made = insertAt(doc, { kind: 'start_event', title, parent: problem.node }, { x: box.x - 94, y: box.y + box.height / 2 });
    return first === undefined ? made.doc : connect(made.doc, made.id, first.id).doc;
  }),
];

/** Where a level stops without an end. */
function lastOf(doc: GraphDocument, parent: string | undefined): GraphNode[] {
  return childrenOf(doc, parent).filter((node) => node.kind !== 'end_event' && outgoing(doc, node.id).length === 0 && !isHandler(doc, node.id));
}

function isHandler(doc: GraphDocument, id: string): boolean {
  return doc.nodes.some((node) => node.undone_by === id);
}

function endAfter(doc: GraphDocument, id: string, locale: Locale): GraphDocument {
  return insertAfter(doc, id, { kind: 'end_event', endKind: 'none', title: localized(elementOf('end_event')?.title, locale) })?.doc ?? doc;
}

const addEnd: Mend = (problem, doc, { locale }) => {
  const parent = problem.node === undefined ? undefined : nodeById(doc, problem.node)?.kind === 'sub_process' ? problem.node : nodeById(doc, problem.node)?.parent;
  return lastOf(doc, parent).slice(0, 3).map((node) => fix('add_end', (current) => endAfter(current, node.id, locale), { title: titleOf(node) }));
};

const endHere: Mend = (problem, doc, options) => {
  const node = nodeById(doc, problem.node);
  if (node === undefined) return [];
  return outgoing(doc, node.id).length === 0 ? [fix('add_end', (current) => endAfter(current, node.id, options.locale), { title: titleOf(node) })] : addEnd(problem, doc, options);
};

/** A step that nothing leads to: from the nearest one before it that may lead there. */
const connectFromNearest: Mend = (problem, doc, options) => {
  const node = nodeById(doc, problem.node);
  if (node === undefined || incoming(doc, node.id).length > 0) return removeStep(problem, doc, options);
  const box = boxOf(doc, node);
  const candidates = childrenOf(doc, node.parent)
    .filter((from) => canConnect(doc, from.id, node.id).legal && boxOf(doc, from).x < box.x)
    .sort((a, b) => distance(doc, a, node) - distance(doc, b, node));
  return [
    ...candidates.slice(0, 2).map((from) => fix('connect_from', (current) => connect(current, from.id, node.id).doc, { title: titleOf(from) })),
    ...removeStep(problem, doc, options),
  ];
};

function distance(doc: GraphDocument, a: GraphNode, b: GraphNode): number {
  const [from, to] = [boxOf(doc, a), boxOf(doc, b)];
  return Math.abs(from.x + from.width - to.x) + Math.abs(from.y - to.y);
}

const keepOneStart: Mend = ({ node }, doc) => {
  const found = nodeById(doc, node);
  return found === undefined ? [] : [fix('remove_step', (current) => removeNodesClosingGaps(current, [found.id]), { title: titleOf(found) })];
};

const nameStep: Mend = (problem, doc, { types, locale }) => {
  const node = nodeById(doc, problem.node);
  const title = localized(types[node?.service?.type ?? '']?.title ?? elementOf(node?.kind ?? 'service_task', node)?.title, locale);
  if (node === undefined || title === '') return [];
  return [fix('name_step', (current) => updateNode(current, node.id, (each) => ({ ...each, title })), { title })];
};

const cutText: Mend = (problem) => {
  const limit = problem.params.limit;
  return typeof limit !== 'number' ? [] : [fix('cut_text', mendField(problem, (value) => (typeof value === 'string' ? Array.from(value).slice(0, limit).join('') : value)), { limit })];
};

const takeOtherwise: Mend = ({ edge }, doc) => {
  const found = edgeById(doc, edge);
  if (found === undefined || outgoing(doc, found.from).some((each) => each.default === true)) return [];
  return [fix('take_otherwise', (current) => updateEdge(current, found.id, { default: true }))];
};

const addOtherwise: Mend = ({ node }, doc, { locale }) => {
  const gateway = nodeById(doc, node);
  if (gateway === undefined) return [];
  const last = outgoing(doc, gateway.id).at(-1);
  const target = nodeById(doc, last?.to);
  return [
    fix('otherwise_error', (current) => {
      const made = insertAfter(current, gateway.id, { kind: 'end_event', endKind: 'error', title: localized(elementOf('end_event', { end: { kind: 'error' } })?.title, locale) });
      if (made === undefined) return current;
      const coded = updateNode(made.doc, made.id, (each) => ({ ...each, end: { kind: 'error', code: 'NO_BRANCH' } }));
      const edge = incoming(coded, made.id)[0];
      return edge === undefined ? coded : updateEdge(coded, edge.id, { default: true });
    }),
    ...(last === undefined || target === undefined ? [] : [fix('otherwise_to', (current) => updateEdge(current, last.id, { default: true }), { title: titleOf(target) })]),
  ];
};

const oneDefault: Mend = ({ edge }) => (edge === undefined ? [] : [fix('only_default', (doc) => updateEdge(doc, edge, { default: true })), fix('not_default', (doc) => updateEdge(doc, edge, { default: false }))]);

const noCondition: Mend = ({ edge }, doc) => {
  const found = edgeById(doc, edge);
  if (found === undefined) return [];
  return [fix('drop_condition', (current) => ({ ...current, edges: current.edges.map((each) => (each.id === found.id ? bare(each) : each)) }))];
};

function bare<T extends { condition?: string; default?: boolean }>(edge: T): Omit<T, 'condition' | 'default'> {
  const { condition: _c, default: _d, ...rest } = edge;
  return rest;
}

const asExpression: Mend = (problem) => [fix('as_expression', mendField(problem, (value) => (typeof value === 'string' ? `=${value.replace(/^=+/, '')}` : value)))];

const eventFirst: Mend = ({ edge }, _doc, { locale }) =>
  edge === undefined
    ? []
    : (['timer_event', 'message_event'] as const).map((kind) => {
        const title = localized(elementOf(kind)?.title, locale);
        return fix('event_first', (doc) => {
          const from = edgeById(doc, edge)?.from;
          return from === undefined ? doc : (insertOnEdge(doc, edge, { kind, title })?.doc ?? doc);
        }, { title });
      });

/** A join of another kind waits for other things: for all, for those that were taken, for nothing. */
const joinAs =
  (...kinds: NodeKind[]): Mend =>
  ({ node }, doc, { locale }) => {
    const found = nodeById(doc, node);
    if (found === undefined || !isGateway(found.kind) || found.kind === 'event_gateway' || outgoing(doc, found.id).length > 1) return [];
    return kinds
      .filter((kind) => kind !== found.kind)
      .map((kind) => {
        const title = localized(elementOf(kind)?.title, locale);
        return fix('join_as', (current) => replaceNode(current, found.id, { kind, title }, true), { title });
      });
  };

const codeFromTitle: Mend = (problem, doc) => {
  const node = nodeById(doc, problem.node);
  if (node === undefined) return [];
  const typed = valueAt(node, problem.field);
  const code = clean(typeof typed === 'string' && typed !== '' ? typed : node.title);
  return code === '' ? [] : [fix('use_code', mendField(problem, () => code), { code })];
};

/** A text as an error code: letters, digits, dots, hyphens and underscores. */
function clean(text: string): string {
  return transliterate(text).toUpperCase().replaceAll(/[^A-Z0-9._-]+/g, '_').replaceAll(/^_+|_+$/g, '').slice(0, 100);
}

/** What is in scope and bears the same name, or is of the only kind that fits. */
const inputFromScope: Mend = (problem, doc, { types, locale }) => {
  const node = nodeById(doc, problem.node);
  const name = problem.params.name;
  const schema = types[node?.service?.type ?? '']?.input_schema;
  if (node === undefined || typeof name !== 'string' || schema === undefined) return [];
  const properties = schema.properties;
  const field = typeof properties === 'object' && properties !== null && !Array.isArray(properties) ? properties[name] : undefined;
  const found = namesInScope(scopeAt(doc, node.id, types, locale), name, typeof field === 'object' && field !== null && !Array.isArray(field) ? field : {});
  return found.slice(0, 3).map((path) => fix('read', mendField(problem, () => `=${path}`, `/service/input/${name}`), { path }));
};

const clamp: Mend = (problem) => {
  const { min, max } = problem.params;
  if (typeof min !== 'number' || typeof max !== 'number') return [fix('usual_value', mendField(problem, () => undefined))];
  return [
    fix('usual_value', mendField(problem, () => undefined)),
    fix('clamp', mendField(problem, (value) => Math.min(max, Math.max(min, typeof value === 'number' ? value : min))), { min, max }),
  ];
};

const nearestTask: Mend = (problem, doc) => {
  const owner = problem.node ?? edgeById(doc, problem.edge)?.from;
  if (owner === undefined) return [];
  const holder = problem.node === undefined ? edgeById(doc, problem.edge) : nodeById(doc, problem.node);
  const value = holder === undefined ? undefined : valueAt(holder, problem.field);
  const known = readableTasks(doc, owner);
  const wrong = tasksReadBy(value).find((name) => !known.some((task) => task.id === name));
  if (wrong === undefined) return [];
  return known
    .map((task) => ({ task, score: Math.max(score(wrong, [task.id]), score(task.id, [wrong])) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ task }) => fix('read_instead', mendField(problem, (each) => (each === undefined ? each : renameTaskInValue(each, wrong, task.id))), { from: wrong, to: task.id }));
};

const freshId: Mend = ({ node, edge, params }, doc) => {
  const { id } = params;
  if (edge !== undefined) return [];
  const at = doc.nodes.findLastIndex((each) => each.id === (node ?? id));
  const found = doc.nodes[at];
  if (found === undefined) return [];
  const next = uniqueName(idFromTitle(found.title, new Set()), nodeIds(doc));
  return [fix('fresh_id', (current) => ({ ...current, nodes: current.nodes.map((each, index) => (index === at ? { ...each, id: next } : each)) }), { id: next })];
};

const rowToSize: Mend = (problem) => [
  fix('row_to_size', (doc) =>
    updateNode(doc, problem.node ?? '', (node) => {
      if (node.decision === undefined) return node;
      const { inputs, outputs, rules } = node.decision;
      const cells = <T,>(row: readonly T[], size: number, empty: T): T[] => Array.from({ length: size }, (_, index) => row[index] ?? empty);
      return { ...node, decision: { ...node.decision, rules: rules.map((rule) => ({ when: cells(rule.when, inputs.length, '-'), then: cells<Value>(rule.then, outputs.length, '') })) } };
    }),
  ),
];

const asObject: Mend = (problem) => [fix('as_object', mendField(problem, () => 'object'))];

const messageName: Mend = (problem, doc) => {
  const node = nodeById(doc, problem.node);
  const name = node === undefined ? '' : transliterate(node.title).replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^_+|_+$/g, '').slice(0, 100);
  return name === '' ? [] : [fix('use_name', mendField(problem, () => name), { name })];
};

const timerExample: Mend = (problem, doc) => {
  const holder = nodeById(doc, problem.node);
  const at = problem.field.replace(/\/(value|kind)$/, '');
  const timer = holder === undefined ? undefined : valueAt(holder, at);
  if (timer === undefined) return [];
  return [['PT15M', 'wait_minutes'], ['P1D', 'wait_day']].map(([value = '', id = '']) => fix(id, mendField(problem, () => ({ kind: 'duration', value }), at)));
};

const dropMember =
  (id: string, member: keyof GraphNode): Mend =>
  ({ node }) =>
    node === undefined ? [] : [fix(id, (doc) => updateNode(doc, node, (each) => withValueAt(each, `/${member}`, undefined)))];

const dropEscalation: Mend = ({ node }) =>
  node === undefined
    ? []
    : [
        fix('no_escalation', (doc) =>
          updateNode(doc, node, (each) => withValueAt(withValueAt(each, '/user/escalate', undefined), '/user/escalate_to', undefined)),
        ),
      ];

const dropFlows: Mend = ({ node }, doc) => {
  if (node === undefined) return [];
  const flows = [...incoming(doc, node), ...outgoing(doc, node)].map((edge) => edge.id);
  return [fix('drop_flows', (current) => removeEdges(current, new Set(flows)))];
};

const addHandler: Mend = ({ node }, doc) => {
  const target = nodeById(doc, nodeById(doc, node)?.undoes);
  if (target === undefined) return [];
  const title = titleOf(target);
  return [fix('add_handler', (current) => insertHandler(current, target.id, title)?.doc ?? current, { title })];
};

const MENDS: Readonly<Record<string, Mend>> = {
  'graph.no_start': addStart,
  'graph.several_starts': keepOneStart,
  'graph.no_end': addEnd,
  'graph.unreachable': connectFromNearest,
  'graph.dead_end': endHere,
  'graph.duplicate_node': freshId,
  'graph.node_id': freshId,
  'graph.edge_unknown_node': removeFlow,
  'graph.edge_into_start': removeFlow,
  'graph.edge_out_of_end': removeFlow,
  'graph.edge_into_boundary': removeFlow,
  'graph.edge_level': removeFlow,
  'graph.parent': (problem) => [fix('out_of_level', (doc) => updateNode(doc, problem.node ?? '', (node) => withValueAt(node, '/parent', undefined)))],
  'node.no_title': nameStep,
  'node.text_length': cutText,
  'gateway.no_condition': takeOtherwise,
  'gateway.several_defaults': oneDefault,
  'gateway.no_default': addOtherwise,
  'gateway.default_condition': (problem) => (problem.edge === undefined ? [] : [fix('drop_condition', mendField(problem, () => undefined, '/condition'))]),
  'gateway.condition_misplaced': noCondition,
  'gateway.condition_form': asExpression,
  'gateway.event_arm': eventFirst,
  'sound.never': joinAs('exclusive_gateway', 'inclusive_gateway'),
  'sound.stuck': joinAs('inclusive_gateway', 'exclusive_gateway'),
  'sound.unbounded': joinAs('parallel_gateway', 'inclusive_gateway'),
  'start.search_key': dropField('drop_search_key'),
  'start.input_object': asObject,
  'start.inside': (problem) => [fix('plain_start', mendField(problem, () => undefined, '/start/kind'))],
  'end.no_code': codeFromTitle,
  'end.code': codeFromTitle,
  'service.input_missing': inputFromScope,
  'service.input_unknown': dropField('drop_field'),
  'service.input_value': dropField('drop_field'),
  'service.retry': clamp,
  'service.timeouts': clamp,
  'expr.unknown_task': nearestTask,
  'expr.hidden': nearestTask,
  'expr.not_before': nearestTask,
  'timer.kind': timerExample,
  'timer.value': timerExample,
  'timer.zone': dropField('drop_zone'),
  'message.name': messageName,
  'boundary.host': removeStep,
  'boundary.never': removeStep,
  'boundary.error_keeps_running': dropField('ends_activity'),
  'boundary.times': dropField('any_times'),
  'boundary.code': codeFromTitle,
  'user.form_object': asObject,
  'user.escalate': dropEscalation,
  'user.groups': dropField('drop_group'),
  'decision.input': asExpression,
  'decision.row': rowToSize,
  'decision.cell': (problem) => [fix('any_cell', mendField(problem, () => '-'))],
  'decision.hit': (problem) => [fix('first_rule', mendField(problem, () => 'first'))],
  'multi.misplaced': dropMember('not_repeated', 'multi'),
  'multi.limit': clamp,
  'multi.tolerated': dropField('none_tolerated'),
  'multi.until': asExpression,
  'undo.host': dropField('not_undone'),
  'undo.handler': dropField('not_undone'),
  'undo.handler_flow': dropFlows,
  'undo.handler_undone': dropField('not_undone'),
  'undo.handler_border': removeStep,
  'undo.target': dropField('undo_all'),
  'undo.target_no_handler': addHandler,
  'undo.misplaced': dropField('undoes_nothing'),
};

/** The mends of a problem, the likeliest first; those that would change nothing are left out. */
export function fixesFor(problem: Problem, doc: GraphDocument, options: FixOptions): QuickFix[] {
  return (MENDS[problem.code]?.(problem, doc, options) ?? []).filter((each) => each.apply(doc) !== doc);
}

export const FIXABLE: readonly string[] = Object.keys(MENDS);
