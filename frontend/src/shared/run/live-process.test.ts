import { describe, expect, it } from 'vitest';

import { reduceLive, settledAt, taskOfNode, type LiveProcess } from './live-process';
import { aProcess, aTask } from './process-fixture';

function loaded(seq: number, ...tasks: ReturnType<typeof aTask>[]): LiveProcess {
  const state = reduceLive(undefined, { type: 'loaded', process: aProcess({ seq }), tasks });
  if (!state) throw new Error('nothing loaded');
  return state;
}

describe('reduceLive', () => {
  it('applies a batch over what was loaded', () => {
    const state = reduceLive(loaded(4, aTask('a')), {
      type: 'batch', seq: 5, process: aProcess({ state: 'incident', open_incidents: 1 }), tasks: [aTask('a', { state: 'incident' }), aTask('b')],
    });
    expect(state?.seq).toBe(5);
    expect(state?.process.state).toBe('incident');
    expect(state?.tasks.a?.state).toBe('incident');
    expect(state?.tasks.b?.state).toBe('queued');
  });

  it('keeps the payloads that a batch does not carry', () => {
    const first = reduceLive(undefined, { type: 'loaded', process: aProcess({ seq: 1, input: { kind: 'sale' } }), tasks: [] });
    const { input: _input, seq: _seq, ...delta } = aProcess({ state: 'completed' });
    const state = reduceLive(first, { type: 'batch', seq: 2, process: delta, tasks: [] });
    expect(state?.process.input).toEqual({ kind: 'sale' });
    expect(state?.process.state).toBe('completed');
  });

  it('ignores a batch that is older than what is known', () => {
    const before = loaded(9, aTask('a', { state: 'completed' }));
    const state = reduceLive(before, { type: 'batch', seq: 7, process: aProcess(), tasks: [aTask('a', { state: 'running' })] });
    expect(state).toBe(before);
  });

  it('takes a batch of the same sequence: it answers a resume', () => {
    const state = reduceLive(loaded(7, aTask('a')), { type: 'batch', seq: 7, process: aProcess(), tasks: [aTask('a', { state: 'running' })] });
    expect(state?.tasks.a?.state).toBe('running');
  });

  it('never lets a task fall back to an earlier epoch', () => {
    const state = reduceLive(loaded(1, aTask('a', { epoch: 3, state: 'queued' })), {
      type: 'batch', seq: 2, process: aProcess(), tasks: [aTask('a', { epoch: 2, state: 'running' })],
    });
    expect(state?.tasks.a?.state).toBe('queued');
  });

  it('lets a page that was asked for earlier not overwrite what was heard since', () => {
    const heard = reduceLive(loaded(3, aTask('a')), { type: 'batch', seq: 6, process: aProcess(), tasks: [aTask('a', { state: 'completed' })] });
    const state = reduceLive(heard, { type: 'page', askedAt: 4, tasks: [aTask('a', { state: 'running' }), aTask('z')] });
    expect(state?.tasks.a?.state).toBe('completed');
    expect(state?.tasks.z?.state).toBe('queued');
  });

  it('replaces everything with a snapshot and ends a resync', () => {
    const lost = reduceLive(loaded(3, aTask('gone')), { type: 'resync' });
    expect(lost?.resyncing).toBe(true);
    const state = reduceLive(lost, { type: 'snapshot', seq: 12, process: aProcess(), tasks: [aTask('a')] });
    expect(state).toMatchObject({ seq: 12, resyncing: false });
    expect(Object.keys(state?.tasks ?? {})).toEqual(['a']);
  });

  it('takes only payloads from a header that is older than the live state', () => {
    const live = reduceLive(loaded(3), { type: 'batch', seq: 8, process: aProcess({ state: 'completed' }), tasks: [] });
    const state = reduceLive(live, { type: 'header', process: aProcess({ seq: 5, state: 'running', output: { ok: true } }) });
    expect(state?.process.state).toBe('completed');
    expect(state?.process.output).toEqual({ ok: true });
  });

  it('hears nothing before something was loaded', () => {
    expect(reduceLive(undefined, { type: 'batch', seq: 1, process: aProcess(), tasks: [] })).toBeUndefined();
  });
});

describe('taskOfNode', () => {
  it.each([
    ['the incident first', [aTask('1', { node_id: 'n', run: 1, state: 'incident' }), aTask('2', { node_id: 'n', run: 2, state: 'running' })], '1'],
    ['then what moves', [aTask('1', { node_id: 'n', run: 1, state: 'running' }), aTask('2', { node_id: 'n', run: 2, state: 'completed' })], '1'],
    ['then the latest run', [aTask('1', { node_id: 'n', run: 1, state: 'completed' }), aTask('2', { node_id: 'n', run: 2, state: 'skipped' })], '2'],
  ])('shows %s', (_, tasks, expected) => {
    expect(taskOfNode(Object.fromEntries(tasks.map((task) => [task.id, task])), 'n')?.id).toBe(expected);
  });
});

describe('settledAt', () => {
  it('is the moment of the failure for a task that waits for a person', () => {
    const task = aTask('a', { state: 'incident', started_at: '2026-11-23T12:00:10Z', run_ms: 2500 });
    expect(settledAt(task)).toBe('2026-11-23T12:00:12.500Z');
  });

  it('is open while a task moves', () => {
    expect(settledAt(aTask('a', { state: 'running', started_at: '2026-11-23T12:00:10Z' }))).toBeUndefined();
  });
});
