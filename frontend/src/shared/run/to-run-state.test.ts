import i18next from 'i18next';
import { describe, expect, it } from 'vitest';

import { reduceLive } from './live-process';
import { aGraph, aProcess, aTask } from './process-fixture';
import { toRunState } from './to-run-state';

function stateOf(process: Parameters<typeof aProcess>[0], ...tasks: ReturnType<typeof aTask>[]) {
  const live = reduceLive(undefined, { type: 'loaded', process: aProcess(process), tasks });
  if (!live) throw new Error('nothing loaded');
  return toRunState(live, aGraph, false, i18next.getFixedT('en', 'process'));
}

describe('toRunState', () => {
  it('shows the most urgent task of a node with its counts', () => {
    const run = stateOf(
      { nodes: { left: { completed: 2, incident: 1, last_run: 3 } } },
      aTask('l1', { node_id: 'left', state: 'completed' }),
      aTask('l2', { node_id: 'left', run: 2, state: 'incident', attempt: 5, error: { class: 'timeout', code: 'REGISTRY_TIMEOUT', message: 'late' } }),
    );
    expect(run.nodes.left).toEqual({
      state: 'incident', counts: { completed: 2, incident: 1 }, attempt: 5, maxAttempts: 5, subtitle: 'REGISTRY_TIMEOUT after 5 attempts',
    });
  });

  it('counts what has been undone, by the server or by what is loaded', () => {
    const run = stateOf(
      { nodes: { left: { completed: 3, last_run: 3, undone: 2 } } },
      aTask('l1', { node_id: 'left', state: 'completed' }),
      aTask('f1', { node_id: 'first', state: 'completed' }),
      aTask('u1', { node_id: 'right', state: 'completed', undoes: 'f1' }),
      aTask('u2', { node_id: 'right', run: 2, state: 'running', undoes: 'l1' }),
    );
    expect(run.nodes.left).toMatchObject({ undone: 2, counts: { completed: 3 } });
    expect(run.nodes.first).toMatchObject({ undone: 1 });
    expect(run.nodes.right?.undone).toBeUndefined();
  });

  it('shows how far a running task is', () => {
    const run = stateOf({}, aTask('first', { state: 'running', progress: { percent: 62, text: 'waiting for the bus' } }));
    expect(run.nodes.first).toMatchObject({ state: 'running', progress: 62, subtitle: 'waiting for the bus, 62 %' });
  });

  it('reads gateways and events off the taken flows', () => {
    const run = stateOf({ taken_edges: ['e1', 'e2', 'e3', 'e4', 'e5'] }, aTask('first', { state: 'completed' }));
    expect(run.nodes.start?.state).toBe('completed');
    expect(run.nodes.fork?.state).toBe('completed');
    expect(run.nodes.join?.state).toBe('waiting');
    expect(run.nodes.end).toBeUndefined();
  });

  it('lets the start of a sub-process wait for nothing until something came to it', () => {
    const graph = {
      ...aGraph,
      nodes: [...aGraph.nodes, { id: 'part', kind: 'sub_process' as const, title: 'Part' }, { id: 'begin', kind: 'start_event' as const, title: 'Begin', parent: 'part' }],
      edges: [...aGraph.edges, { id: 'p1', from: 'begin', to: 'inner' }],
    };
    const beginOf = (taken_edges: string[]) => {
      const live = reduceLive(undefined, { type: 'loaded', process: aProcess({ taken_edges }), tasks: [] });
      if (!live) throw new Error('nothing loaded');
      return toRunState(live, graph, false, i18next.getFixedT('en', 'process')).nodes.begin;
    };
    expect(beginOf(['e1'])).toBeUndefined();
    expect(beginOf(['e1', 'p1'])).toEqual({ state: 'completed' });
  });

  it('lets nothing wait in a process that has ended', () => {
    const run = stateOf({ state: 'cancelled', taken_edges: ['e5'] });
    expect(run.nodes.join).toBeUndefined();
  });
});
