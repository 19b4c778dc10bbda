// A document with every kind of node, and with every member that one can have.

import type { GraphDocument, GraphNode, Point } from '../graph/types';

export function everything(): GraphDocument {
  return {
    schema: 1,
    nodes: [
      { id: 'start', kind: 'start_event', title: 'Start', start: { input_schema: { type: 'object', properties: { n: { type: 'integer' } } }, search_keys: ['n'], one_active: true, time_limit_ms: 60_000 } },
      { id: 'by_clock', kind: 'start_event', title: 'Каждое утро', start: { kind: 'schedule', schedule: { cron: '0 9 * * mon-fri', zone: 'Europe/Moscow', input: { n: 1 } } } },
      { id: 'by_message', kind: 'start_event', title: '', start: { kind: 'message', message: 'order', input: { n: '=input.n' }, custom_id: '=input.id' } },
      { id: 'by_hook', kind: 'start_event', title: 'Hook', start: { kind: 'webhook', webhook: { check: 'hmac', secret: 'secret://hook' } } },
      {
        id: 'check', kind: 'service_task', title: 'Check "all" & <more>', doc: 'Looks at it.\n\nTwice.',
        service: {
          type: 'document.inspect@1', plan: true, input: { file: '=input.file', literal: '==x', list: [1, '=2'] }, result: { ok: '=result.ok' },
          retry: { max_attempts: 5, backoff: 'exponential', initial_ms: 100, factor: 1.5, jitter: 0.2, dont_retry_codes: ['A.'] }, timeouts: { attempt_ms: 60_000 },
        },
        undone_by: 'undo_check',
      },
      { id: 'undo_check', kind: 'script_task', title: 'Undo the check', script: { output: { undone: '=true' } } },
      { id: 'decide', kind: 'exclusive_gateway', title: 'Decide' },
      { id: 'any', kind: 'inclusive_gateway', title: '' },
      { id: 'both', kind: 'parallel_gateway', title: '' },
      { id: 'first', kind: 'event_gateway', title: 'First of' },
      { id: 'wait', kind: 'timer_event', title: 'Wait', timer: { kind: 'duration', value: 'PT15M' } },
      { id: 'until', kind: 'timer_event', title: 'Until', timer: { kind: 'date', value: '=input.when', zone: 'UTC' } },
      { id: 'answer', kind: 'message_event', title: 'Answer', message: { name: 'answer', key: '=input.id' } },
      { id: 'ask', kind: 'user_task', title: 'Ask', user: { form: { type: 'object' }, groups: ['clerks'], assignee: 'anna', due: { kind: 'duration', value: 'P1D' }, escalate_to: ['heads'] } },
      { id: 'table', kind: 'decision_task', title: 'Table', decision: { hit: 'collect', inputs: ['=input.n'], outputs: ['x'], rules: [{ when: ['> 5'], then: ['=1'] }] } },
      { id: 'call', kind: 'call_activity', title: 'Call', call: { definition: 'other', version: 3, input: { a: 1 }, on_failure: 'continue' }, multi: { items: '=input.list', limit: 3, until: '=result.failed > 1', tolerated: '5%', collect: '=result' } },
      { id: 'part', kind: 'sub_process', title: 'Part', multi: { items: 5, sequential: true } },
      { id: 'part_start', kind: 'start_event', title: '', parent: 'part', start: {} },
      { id: 'inner', kind: 'sub_process', title: 'Inner', parent: 'part' },
      { id: 'inner_step', kind: 'script_task', title: 'Step', parent: 'inner', script: { output: { a: 1 } } },
      { id: 'part_end', kind: 'end_event', title: '', parent: 'part', end: { kind: 'none', output: { x: '=tasks.inner.a' } } },
      { id: 'failed', kind: 'boundary_event', title: 'Failed', boundary: { on: 'check', kind: 'error', codes: ['A', 'B.C'], technical: true } },
      { id: 'any_error', kind: 'boundary_event', title: '', boundary: { on: 'ask', kind: 'error' } },
      { id: 'late', kind: 'boundary_event', title: 'Late', boundary: { on: 'part', kind: 'timer', keeps_running: true, timer: { kind: 'cron', value: '0 * * * *' }, times: 3 } },
      { id: 'stopped', kind: 'boundary_event', title: 'Stopped', boundary: { on: 'ask', kind: 'message', message: { name: 'stop', key: '=input.id' } } },
      { id: 'undo', kind: 'compensation_event', title: 'Undo all' },
      { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none', output: { ok: '=true' } } },
      { id: 'bad', kind: 'end_event', title: 'Bad', end: { kind: 'error', code: 'BAD', message: 'It is {{input.n}}' } },
      { id: 'stop', kind: 'end_event', title: 'Stop', end: { kind: 'terminate' } },
      { id: 'back', kind: 'end_event', title: 'Back', end: { kind: 'compensate' }, undoes: 'check' },
    ],
    edges: [
      { id: 'e1', from: 'start', to: 'check' },
      { id: 'e2', from: 'check', to: 'decide' },
      { id: 'e3', from: 'decide', to: 'any', title: 'yes', condition: '=tasks.check.ok && input.n > 3' },
      { id: 'e4', from: 'decide', to: 'end', title: '', default: true },
      { id: 'e5', from: 'any', to: 'part', condition: '=true' },
      { id: 'e6', from: 'part_start', to: 'inner' },
      { id: 'e7', from: 'inner', to: 'part_end' },
      { id: 'e8', from: 'failed', to: 'bad' },
      { id: 'e9', from: 'first', to: 'wait' },
      { id: 'e10', from: 'first', to: 'answer' },
      { id: 'e11', from: 'wait', to: 'check' },
    ],
    layout: {
      nodes: {
        start: { x: 0, y: 14 }, by_clock: { x: 0, y: 114 }, by_message: { x: 0, y: 214 }, by_hook: { x: 0, y: 314 }, check: { x: 116, y: 0 }, undo_check: { x: 116, y: 160 },
        decide: { x: 408.5, y: 14 }, any: { x: 580, y: 14 }, both: { x: 580, y: 114 }, first: { x: 580, y: 214 }, wait: { x: 680, y: 214 }, until: { x: 680, y: 314 },
        answer: { x: 780, y: 214 }, ask: { x: 880, y: 0 }, table: { x: 880, y: 160 }, call: { x: 880, y: 260 }, part: { x: 3, y: 4 }, part_start: { x: 700, y: 514 },
        inner: { x: 800, y: 500 }, inner_step: { x: 800, y: 520 }, part_end: { x: 1160, y: 514 }, undo: { x: 300, y: 400 }, end: { x: 1200, y: 14 }, bad: { x: 1200, y: 114 },
        stop: { x: 1200, y: 214 }, back: { x: 1200, y: 314 },
      },
      frames: [{ id: 'f1', title: 'Around', color: 'teal', nodes: ['ask', 'table'] }],
    },
    notes: [
      { id: 'n1', text: '# Read me\n\nfirst', color: 'blue', x: 10, y: 700, width: 240, height: 120 },
      { id: 'n2', text: '', parent: 'part', x: 800, y: 640, width: 120, height: 56 },
    ],
    extensions: { other: { kept: true } },
  };
}

export function nodeById(doc: GraphDocument, id: string): GraphNode {
  const node = doc.nodes.find((each) => each.id === id);
  if (node === undefined) throw new Error(`there is no node ${id} among ${doc.nodes.map((each) => each.id).join(', ')}`);
  return node;
}

export function placeInDoc(doc: GraphDocument, id: string): Point {
  const place = doc.layout.nodes?.[id];
  if (place === undefined) throw new Error(`${id} has no place`);
  return place;
}
