import { describe, expect, it } from 'vitest';

import { insertBoundary } from '@/shared/graph/insert';
import { edgeById, incoming, nodeById, outgoing } from '@/shared/graph/query';
import { diamond, line } from '@/shared/graph/testing';
import type { GraphDocument, GraphNode, JsonObject } from '@/shared/graph/types';
import en from '@/shared/i18n/en';
import ru from '@/shared/i18n/ru';

import type { Problem } from './problems';
import { FIXABLE, fixesFor, type QuickFix } from './quick-fixes';

const types = {
  'document.inspect@1': {
    type: 'document.inspect@1', title: { en: 'Inspect a file', ru: 'Проверить файл' }, doc: { en: '', ru: '' }, category: { en: 'Documents', ru: 'Документы' }, icon: '',
    input_schema: { type: 'object', required: ['file'], properties: { file: { type: 'object', format: 'file' }, strict: { type: 'boolean' } } } satisfies JsonObject,
    output_schema: { type: 'object', properties: { valid: { type: 'boolean' } } } satisfies JsonObject, errors: [], side_effects: false, pool: 'default', live: true,
  },
};

function problem(code: string, where: Partial<Problem> = {}): Problem {
  return { id: code, severity: 'error', code, message: '', field: '', params: {}, ...where };
}

function changed(doc: GraphDocument, id: string, change: Partial<GraphNode>): GraphDocument {
  return { ...doc, nodes: doc.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)) };
}

function without(doc: GraphDocument, ...ids: string[]): GraphDocument {
  return { ...doc, nodes: doc.nodes.filter((node) => !ids.includes(node.id)), edges: doc.edges.filter((edge) => !ids.includes(edge.from) && !ids.includes(edge.to)) };
}

function withEdge(doc: GraphDocument, id: string, change: object): GraphDocument {
  return { ...doc, edges: doc.edges.map((edge) => (edge.id === id ? { ...edge, ...change } : edge)) };
}

const node = (doc: GraphDocument, id: string): GraphNode | undefined => nodeById(doc, id);

interface Case {
  doc: GraphDocument;
  problem: Problem;
  fix: string;
  /** What the first fix of that name makes of the document. */
  then: (doc: GraphDocument) => unknown;
  gives: unknown;
}

const asking = changed(line(), 'start', { start: { input_schema: { type: 'object', properties: { file: { type: 'object', format: 'file' }, other: { type: 'string' } } }, search_keys: ['file'] } });
const timed = insertBoundary(line(), 'check', 'timer', 'Late')?.doc ?? line();

const CASES: Readonly<Record<string, Case>> = {
  'graph.no_start': { doc: without(line(), 'start'), problem: problem('graph.no_start'), fix: 'add_start', then: (doc) => incoming(doc, 'check').map((edge) => node(doc, edge.from)?.kind), gives: ['start_event'] },
  'graph.several_starts': { doc: line(), problem: problem('graph.several_starts', { node: 'start' }), fix: 'remove_step', then: (doc) => node(doc, 'start'), gives: undefined },
  'graph.no_end': { doc: without(line(), 'end'), problem: problem('graph.no_end'), fix: 'add_end', then: (doc) => outgoing(doc, 'check').map((edge) => node(doc, edge.to)?.kind), gives: ['end_event'] },
  'graph.unreachable': { doc: { ...line(), edges: [] }, problem: problem('graph.unreachable', { node: 'check' }), fix: 'connect_from', then: (doc) => incoming(doc, 'check').map((edge) => edge.from), gives: ['start'] },
  'graph.dead_end': { doc: without(line(), 'end'), problem: problem('graph.dead_end', { node: 'check' }), fix: 'add_end', then: (doc) => outgoing(doc, 'check').length, gives: 1 },
  'graph.duplicate_node': {
    doc: { ...line(), nodes: [...line().nodes, { id: 'check', kind: 'script_task', title: 'Second', script: { output: {} } }] },
    problem: problem('graph.duplicate_node', { params: { id: 'check' } }), fix: 'fresh_id', then: (doc) => doc.nodes.map((each) => each.id), gives: ['start', 'check', 'end', 'second'],
  },
  'graph.node_id': { doc: changed(line(), 'check', { id: 'Bad Id' }), problem: problem('graph.node_id', { node: 'Bad Id' }), fix: 'fresh_id', then: (doc) => doc.nodes[1]?.id, gives: 'check' },
  'graph.edge_unknown_node': { doc: withEdge(line(), 'e2', { to: 'gone' }), problem: problem('graph.edge_unknown_node', { edge: 'e2' }), fix: 'remove_flow', then: (doc) => doc.edges.length, gives: 1 },
  'graph.edge_into_start': { doc: withEdge(line(), 'e2', { to: 'start' }), problem: problem('graph.edge_into_start', { edge: 'e2' }), fix: 'remove_flow', then: (doc) => doc.edges.length, gives: 1 },
  'graph.edge_out_of_end': { doc: withEdge(line(), 'e2', { from: 'end' }), problem: problem('graph.edge_out_of_end', { edge: 'e2' }), fix: 'remove_flow', then: (doc) => doc.edges.length, gives: 1 },
  'graph.edge_into_boundary': { doc: withEdge(timed, 'e1', { to: 'late' }), problem: problem('graph.edge_into_boundary', { edge: 'e1' }), fix: 'remove_flow', then: (doc) => doc.edges.length, gives: 1 },
  'graph.edge_level': { doc: line(), problem: problem('graph.edge_level', { edge: 'e1' }), fix: 'remove_flow', then: (doc) => doc.edges.length, gives: 1 },
  'graph.parent': { doc: changed(line(), 'check', { parent: 'gone' }), problem: problem('graph.parent', { node: 'check' }), fix: 'out_of_level', then: (doc) => node(doc, 'check')?.parent, gives: undefined },
  'node.no_title': { doc: changed(line(), 'check', { title: '' }), problem: problem('node.no_title', { node: 'check', field: '/title' }), fix: 'name_step', then: (doc) => node(doc, 'check')?.title, gives: 'Проверить файл' },
  'node.text_length': { doc: changed(line(), 'check', { title: 'я'.repeat(300) }), problem: problem('node.text_length', { node: 'check', field: '/title', params: { limit: 200 } }), fix: 'cut_text', then: (doc) => node(doc, 'check')?.title.length, gives: 200 },
  'gateway.no_condition': { doc: withEdge(withEdge(diamond(), 'e4', { default: undefined, condition: '=true' }), 'e3', { condition: undefined }), problem: problem('gateway.no_condition', { edge: 'e3' }), fix: 'take_otherwise', then: (doc) => edgeById(doc, 'e3')?.default, gives: true },
  'gateway.several_defaults': { doc: withEdge(diamond(), 'e3', { default: true }), problem: problem('gateway.several_defaults', { edge: 'e4' }), fix: 'only_default', then: (doc) => [edgeById(doc, 'e3')?.default, edgeById(doc, 'e4')?.default], gives: [undefined, true] },
  'gateway.no_default': {
    doc: withEdge(diamond(), 'e4', { default: undefined, condition: '=true' }), problem: problem('gateway.no_default', { node: 'decide' }), fix: 'otherwise_error',
    then: (doc) => outgoing(doc, 'decide').filter((edge) => edge.default === true).map((edge) => node(doc, edge.to)?.end), gives: [{ kind: 'error', code: 'NO_BRANCH' }],
  },
  'gateway.default_condition': { doc: withEdge(diamond(), 'e4', { condition: '=true' }), problem: problem('gateway.default_condition', { edge: 'e4', field: '/condition' }), fix: 'drop_condition', then: (doc) => edgeById(doc, 'e4'), gives: { id: 'e4', from: 'decide', to: 'no', default: true } },
  'gateway.condition_misplaced': { doc: withEdge(line(), 'e2', { condition: '=true' }), problem: problem('gateway.condition_misplaced', { edge: 'e2' }), fix: 'drop_condition', then: (doc) => edgeById(doc, 'e2'), gives: { id: 'e2', from: 'check', to: 'end' } },
  'gateway.condition_form': { doc: withEdge(diamond(), 'e3', { condition: 'tasks.check.valid' }), problem: problem('gateway.condition_form', { edge: 'e3', field: '/condition' }), fix: 'as_expression', then: (doc) => edgeById(doc, 'e3')?.condition, gives: '=tasks.check.valid' },
  'gateway.event_arm': { doc: changed(line(), 'start', { kind: 'event_gateway' }), problem: problem('gateway.event_arm', { edge: 'e1' }), fix: 'event_first', then: (doc) => node(doc, edgeById(doc, 'e1')?.to ?? '')?.kind, gives: 'timer_event' },
  'sound.never': { doc: changed(diamond(), 'end', { kind: 'parallel_gateway' }), problem: problem('sound.never', { node: 'end' }), fix: 'join_as', then: (doc) => node(doc, 'end')?.kind, gives: 'exclusive_gateway' },
  'sound.stuck': { doc: changed(diamond(), 'end', { kind: 'parallel_gateway' }), problem: problem('sound.stuck', { node: 'end' }), fix: 'join_as', then: (doc) => node(doc, 'end')?.kind, gives: 'inclusive_gateway' },
  'sound.unbounded': { doc: changed(diamond(), 'end', { kind: 'exclusive_gateway' }), problem: problem('sound.unbounded', { node: 'end' }), fix: 'join_as', then: (doc) => node(doc, 'end')?.kind, gives: 'parallel_gateway' },
  'start.search_key': { doc: asking, problem: problem('start.search_key', { node: 'start', field: '/start/search_keys/0' }), fix: 'drop_search_key', then: (doc) => node(doc, 'start')?.start?.search_keys, gives: [] },
  'start.input_object': { doc: changed(line(), 'start', { start: { input_schema: { type: 'array' } } }), problem: problem('start.input_object', { node: 'start', field: '/start/input_schema/type' }), fix: 'as_object', then: (doc) => node(doc, 'start')?.start?.input_schema?.type, gives: 'object' },
  'start.inside': { doc: changed(line(), 'start', { start: { kind: 'schedule' } }), problem: problem('start.inside', { node: 'start', field: '/start/kind' }), fix: 'plain_start', then: (doc) => node(doc, 'start')?.start, gives: {} },
  'end.no_code': { doc: changed(line(), 'end', { title: 'Не принято', end: { kind: 'error' } }), problem: problem('end.no_code', { node: 'end', field: '/end/code' }), fix: 'use_code', then: (doc) => node(doc, 'end')?.end?.code, gives: 'NE_PRINYATO' },
  'end.code': { doc: changed(line(), 'end', { end: { kind: 'error', code: 'not good!' } }), problem: problem('end.code', { node: 'end', field: '/end/code' }), fix: 'use_code', then: (doc) => node(doc, 'end')?.end?.code, gives: 'NOT_GOOD' },
  'service.input_missing': { doc: asking, problem: problem('service.input_missing', { node: 'check', field: '/service/input/file', params: { name: 'file' } }), fix: 'read', then: (doc) => node(doc, 'check')?.service?.input, gives: { file: '=input.file' } },
  'service.input_unknown': { doc: changed(line(), 'check', { service: { type: 'document.inspect@1', input: { odd: 1 } } }), problem: problem('service.input_unknown', { node: 'check', field: '/service/input/odd' }), fix: 'drop_field', then: (doc) => node(doc, 'check')?.service?.input, gives: {} },
  'service.input_value': { doc: changed(line(), 'check', { service: { type: 'document.inspect@1', input: { strict: 'x' } } }), problem: problem('service.input_value', { node: 'check', field: '/service/input/strict' }), fix: 'drop_field', then: (doc) => node(doc, 'check')?.service?.input, gives: {} },
  'service.retry': { doc: changed(line(), 'check', { service: { type: 'x@1', retry: { max_attempts: 900 } } }), problem: problem('service.retry', { node: 'check', field: '/service/retry/max_attempts', params: { min: 1, max: 100 } }), fix: 'clamp', then: (doc) => node(doc, 'check')?.service?.retry?.max_attempts, gives: 100 },
  'service.timeouts': { doc: changed(line(), 'check', { service: { type: 'x@1', timeouts: { attempt_ms: -1 } } }), problem: problem('service.timeouts', { node: 'check', field: '/service/timeouts/attempt_ms', params: { min: 1, max: 9 } }), fix: 'usual_value', then: (doc) => node(doc, 'check')?.service?.timeouts, gives: {} },
  'expr.unknown_task': { doc: withEdge(diamond(), 'e3', { condition: '=tasks.chek.valid' }), problem: problem('expr.unknown_task', { edge: 'e3', field: '/condition' }), fix: 'read_instead', then: (doc) => edgeById(doc, 'e3')?.condition, gives: '=tasks.check.valid' },
  'expr.hidden': { doc: changed(diamond(), 'no', { script: { output: { a: '=tasks.inner.x' } } }), problem: problem('expr.hidden', { node: 'no', field: '/script/output/a' }), fix: 'read_instead', then: (doc) => node(doc, 'no')?.script?.output.a, gives: '=tasks.check.x' },
  'expr.not_before': { doc: changed(diamond(), 'no', { script: { output: { a: '=tasks.yes.x' } } }), problem: problem('expr.not_before', { node: 'no', field: '/script/output/a' }), fix: 'read_instead', then: (doc) => node(doc, 'no')?.script?.output.a, gives: '=tasks.check.x' },
  'timer.kind': { doc: timed, problem: problem('timer.kind', { node: 'late', field: '/boundary/timer/kind' }), fix: 'wait_day', then: (doc) => node(doc, 'late')?.boundary?.timer, gives: { kind: 'duration', value: 'P1D' } },
  'timer.value': { doc: timed, problem: problem('timer.value', { node: 'late', field: '/boundary/timer/value' }), fix: 'wait_minutes', then: (doc) => node(doc, 'late')?.boundary?.timer, gives: { kind: 'duration', value: 'PT15M' } },
  'timer.zone': { doc: changed(line(), 'check', { kind: 'timer_event', timer: { kind: 'date', value: '2030-01-01', zone: 'Mars' } }), problem: problem('timer.zone', { node: 'check', field: '/timer/zone' }), fix: 'drop_zone', then: (doc) => node(doc, 'check')?.timer, gives: { kind: 'date', value: '2030-01-01' } },
  'message.name': { doc: changed(line(), 'check', { title: 'Ответ банка', kind: 'message_event', message: { name: '', key: '=process.custom_id' } }), problem: problem('message.name', { node: 'check', field: '/message/name' }), fix: 'use_name', then: (doc) => node(doc, 'check')?.message?.name, gives: 'otvet_banka' },
  'boundary.host': { doc: timed, problem: problem('boundary.host', { node: 'late' }), fix: 'remove_step', then: (doc) => node(doc, 'late'), gives: undefined },
  'boundary.never': { doc: timed, problem: problem('boundary.never', { node: 'late' }), fix: 'remove_step', then: (doc) => node(doc, 'late'), gives: undefined },
  'boundary.error_keeps_running': { doc: changed(timed, 'late', { boundary: { on: 'check', kind: 'error', keeps_running: true } }), problem: problem('boundary.error_keeps_running', { node: 'late', field: '/boundary/keeps_running' }), fix: 'ends_activity', then: (doc) => node(doc, 'late')?.boundary, gives: { on: 'check', kind: 'error' } },
  'boundary.times': { doc: changed(timed, 'late', { boundary: { on: 'check', kind: 'timer', times: 3 } }), problem: problem('boundary.times', { node: 'late', field: '/boundary/times' }), fix: 'any_times', then: (doc) => node(doc, 'late')?.boundary, gives: { on: 'check', kind: 'timer' } },
  'boundary.code': { doc: changed(timed, 'late', { boundary: { on: 'check', kind: 'error', codes: ['no good'] } }), problem: problem('boundary.code', { node: 'late', field: '/boundary/codes/0' }), fix: 'use_code', then: (doc) => node(doc, 'late')?.boundary?.codes, gives: ['NO_GOOD'] },
  'user.form_object': { doc: changed(line(), 'check', { user: { form: { type: 'string' } } }), problem: problem('user.form_object', { node: 'check', field: '/user/form/type' }), fix: 'as_object', then: (doc) => node(doc, 'check')?.user?.form?.type, gives: 'object' },
  'user.escalate': { doc: changed(line(), 'check', { user: { escalate_to: ['a'] } }), problem: problem('user.escalate', { node: 'check', field: '/user/escalate' }), fix: 'no_escalation', then: (doc) => node(doc, 'check')?.user, gives: {} },
  'user.groups': { doc: changed(line(), 'check', { user: { groups: ['a', ''] } }), problem: problem('user.groups', { node: 'check', field: '/user/groups/1' }), fix: 'drop_group', then: (doc) => node(doc, 'check')?.user?.groups, gives: ['a'] },
  'decision.input': { doc: changed(line(), 'check', { decision: { hit: 'first', inputs: ['input.a'], outputs: ['x'], rules: [] } }), problem: problem('decision.input', { node: 'check', field: '/decision/inputs/0' }), fix: 'as_expression', then: (doc) => node(doc, 'check')?.decision?.inputs, gives: ['=input.a'] },
  'decision.row': { doc: changed(line(), 'check', { decision: { hit: 'first', inputs: ['=1', '=2'], outputs: ['x'], rules: [{ when: ['> 1'], then: [1, 2] }] } }), problem: problem('decision.row', { node: 'check', field: '/decision/rules/0' }), fix: 'row_to_size', then: (doc) => node(doc, 'check')?.decision?.rules, gives: [{ when: ['> 1', '-'], then: [1] }] },
  'decision.cell': { doc: changed(line(), 'check', { decision: { hit: 'first', inputs: ['=1'], outputs: ['x'], rules: [{ when: ['>>'], then: [1] }] } }), problem: problem('decision.cell', { node: 'check', field: '/decision/rules/0/when/0' }), fix: 'any_cell', then: (doc) => node(doc, 'check')?.decision?.rules[0]?.when, gives: ['-'] },
  'decision.hit': { doc: changed(line(), 'check', { decision: { hit: 'unique', inputs: [], outputs: ['x'], rules: [] } }), problem: problem('decision.hit', { node: 'check', field: '/decision/hit' }), fix: 'first_rule', then: (doc) => node(doc, 'check')?.decision?.hit, gives: 'first' },
  'multi.misplaced': { doc: changed(line(), 'end', { multi: { items: 3 } }), problem: problem('multi.misplaced', { node: 'end', field: '/multi' }), fix: 'not_repeated', then: (doc) => node(doc, 'end')?.multi, gives: undefined },
  'multi.limit': { doc: changed(line(), 'check', { multi: { items: 3, limit: 9000 } }), problem: problem('multi.limit', { node: 'check', field: '/multi/limit', params: { min: 1, max: 1000 } }), fix: 'clamp', then: (doc) => node(doc, 'check')?.multi?.limit, gives: 1000 },
  'multi.tolerated': { doc: changed(line(), 'check', { multi: { items: 3, tolerated: 'x' } }), problem: problem('multi.tolerated', { node: 'check', field: '/multi/tolerated' }), fix: 'none_tolerated', then: (doc) => node(doc, 'check')?.multi, gives: { items: 3 } },
  'multi.until': { doc: changed(line(), 'check', { multi: { items: 3, until: 'true' } }), problem: problem('multi.until', { node: 'check', field: '/multi/until' }), fix: 'as_expression', then: (doc) => node(doc, 'check')?.multi?.until, gives: '=true' },
  'undo.host': { doc: changed(line(), 'end', { undone_by: 'check' }), problem: problem('undo.host', { node: 'end', field: '/undone_by' }), fix: 'not_undone', then: (doc) => node(doc, 'end')?.undone_by, gives: undefined },
  'undo.handler': { doc: changed(line(), 'check', { undone_by: 'end' }), problem: problem('undo.handler', { node: 'check', field: '/undone_by' }), fix: 'not_undone', then: (doc) => node(doc, 'check')?.undone_by, gives: undefined },
  'undo.handler_flow': { doc: line(), problem: problem('undo.handler_flow', { node: 'check' }), fix: 'drop_flows', then: (doc) => doc.edges, gives: [] },
  'undo.handler_undone': { doc: changed(line(), 'check', { undone_by: 'check' }), problem: problem('undo.handler_undone', { node: 'check', field: '/undone_by' }), fix: 'not_undone', then: (doc) => node(doc, 'check')?.undone_by, gives: undefined },
  'undo.handler_border': { doc: timed, problem: problem('undo.handler_border', { node: 'late', field: '/boundary/on' }), fix: 'remove_step', then: (doc) => node(doc, 'late'), gives: undefined },
  'undo.target': { doc: changed(line(), 'end', { undoes: 'gone' }), problem: problem('undo.target', { node: 'end', field: '/undoes' }), fix: 'undo_all', then: (doc) => node(doc, 'end')?.undoes, gives: undefined },
  'undo.target_no_handler': { doc: changed(line(), 'end', { end: { kind: 'compensate' }, undoes: 'check' }), problem: problem('undo.target_no_handler', { node: 'end', field: '/undoes' }), fix: 'add_handler', then: (doc) => node(doc, node(doc, 'check')?.undone_by ?? '')?.kind, gives: 'service_task' },
  'undo.misplaced': { doc: changed(line(), 'check', { undoes: 'end' }), problem: problem('undo.misplaced', { node: 'check', field: '/undoes' }), fix: 'undoes_nothing', then: (doc) => node(doc, 'check')?.undoes, gives: undefined },
};

function fixOf(each: Case): QuickFix | undefined {
  return fixesFor(each.problem, each.doc, { types, locale: 'ru' }).find((fix) => fix.id === each.fix);
}

describe('mends', () => {
  it('are tried, each of them', () => {
    expect(Object.keys(CASES).sort()).toEqual([...FIXABLE].sort());
  });

  it.each(Object.keys(CASES))('%s', (code) => {
    const each = CASES[code];
    if (each === undefined) throw new Error(code);
    const fix = fixOf(each);
    expect(fix, 'is offered').toBeDefined();
    expect(each.then(fix?.apply(each.doc) ?? each.doc)).toEqual(each.gives);
    for (const texts of [en.designer, ru.designer]) expect((texts?.fix as Record<string, string>)[each.fix]).toBeTruthy();
  });

  it('are not offered where they would change nothing', () => {
    expect(fixesFor(problem('gateway.no_condition', { edge: 'e3' }), diamond(), { types, locale: 'en' })).toEqual([]);
    expect(fixesFor(problem('graph.too_many_issues'), diamond(), { types, locale: 'en' })).toEqual([]);
    expect(fixesFor(problem('timer.value', { node: 'gone', field: '/timer/value' }), diamond(), { types, locale: 'en' })).toEqual([]);
  });
});
