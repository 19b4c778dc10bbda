// A process as the server tells it, for tests: small, typed, changed by what a test is about.
import type { Process, TaskSummary } from '@/shared/api/types';
import type { GraphDocument } from '@/shared/graph/types';

export function aProcess(change: Partial<Process> = {}): Process {
  return {
    id: '0192f000-0000-7000-8000-000000000001',
    custom_id: '77:01-1',
    definition: 'document-check',
    definition_title: 'Document check',
    version: 3,
    state: 'running',
    priority: 3,
    created_at: '2026-11-23T12:00:00Z',
    started_at: '2026-11-23T12:00:00Z',
    open_incidents: 0,
    input: {},
    seq: 1,
    counts: {},
    nodes: {},
    taken_edges: [],
    actions: {
      cancel: { allowed: true }, restart: { allowed: true }, restart_from: { allowed: true }, suspend: { allowed: true },
      resume: { allowed: false, reason: 'flow.not_suspended' },
    },
    ...change,
  };
}

export function aTask(id: string, change: Partial<TaskSummary> = {}): TaskSummary {
  return {
    id,
    node_id: id,
    title: `Title of ${id}`,
    kind: 'service_task',
    node_type: 'demo.step@1',
    scope_id: 'root',
    run: 1,
    state: 'queued',
    epoch: 1,
    attempt: 1,
    max_attempts: 5,
    created_at: '2026-11-23T12:00:00Z',
    ...change,
  };
}

/** start → first → (fork → left, right → join) → last → end. */
export const aGraph: GraphDocument = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: 'Start' },
    { id: 'first', kind: 'service_task', title: 'First', service: { type: 'demo.step@1' } },
    { id: 'fork', kind: 'parallel_gateway', title: 'Fork' },
    { id: 'left', kind: 'service_task', title: 'Left', service: { type: 'demo.step@1' } },
    { id: 'right', kind: 'service_task', title: 'Right', service: { type: 'demo.step@1' } },
    { id: 'join', kind: 'parallel_gateway', title: 'Join' },
    { id: 'last', kind: 'service_task', title: 'Last', service: { type: 'demo.step@1' } },
    { id: 'end', kind: 'end_event', title: 'End', end: { kind: 'none' } },
  ],
  edges: [
    { id: 'e1', from: 'start', to: 'first' },
    { id: 'e2', from: 'first', to: 'fork' },
    { id: 'e3', from: 'fork', to: 'left' },
    { id: 'e4', from: 'fork', to: 'right' },
    { id: 'e5', from: 'left', to: 'join' },
    { id: 'e6', from: 'right', to: 'join' },
    { id: 'e7', from: 'join', to: 'last' },
    { id: 'e8', from: 'last', to: 'end' },
  ],
  layout: { nodes: { left: { x: 300, y: 0 }, right: { x: 300, y: 200 } } },
};
