import { describe, expect, it } from 'vitest';

import type { GraphDocument } from '@/shared/graph/types';

import { tokensAfter, traceOf } from './trace-path';

/** start → split → (a, b) → join → end; b may also lead back to itself. */
const forked: GraphDocument = {
  schema: 1,
  nodes: [
    { id: 'start', kind: 'start_event', title: '' },
    { id: 'split', kind: 'parallel_gateway', title: '' },
    { id: 'a', kind: 'script_task', title: '' },
    { id: 'b', kind: 'exclusive_gateway', title: '' },
    { id: 'join', kind: 'parallel_gateway', title: '' },
    { id: 'end', kind: 'end_event', title: '' },
    { id: 'late', kind: 'boundary_event', title: '', boundary: { on: 'a', kind: 'timer' } },
  ],
  edges: [
    { id: 'e1', from: 'start', to: 'split' },
    { id: 'e2', from: 'split', to: 'a' },
    { id: 'e3', from: 'split', to: 'b' },
    { id: 'e4', from: 'a', to: 'join' },
    { id: 'e5', from: 'b', to: 'join' },
    { id: 'e6', from: 'join', to: 'end' },
    { id: 'e7', from: 'late', to: 'end' },
    { id: 'e8', from: 'b', to: 'split' },
  ],
  layout: {},
};

function left(path: string[]): Record<string, number> {
  return Object.fromEntries([...tokensAfter(forked, path)].filter(([, count]) => count > 0));
}

describe('tokens along a path', () => {
  it('lie on both flows of a split until they go on', () => {
    expect(left(['e1', 'e2', 'e3'])).toEqual({ e2: 1, e3: 1 });
    expect(left(['e1', 'e2', 'e3', 'e4'])).toEqual({ e3: 1, e4: 1 });
  });

  it('are taken by a join from all its flows at once', () => {
    expect(left(['e1', 'e2', 'e3', 'e4', 'e5', 'e6'])).toEqual({ e6: 1 });
  });

  it('of an event on a border are those of its activity', () => {
    expect(left(['e1', 'e2', 'e3', 'e7'])).toEqual({ e3: 1, e7: 1 });
  });

  it('pile up where a path is gone again', () => {
    expect(left(['e1', 'e2', 'e3', 'e8', 'e2', 'e3'])).toEqual({ e2: 2, e3: 1 });
  });
});

describe('a step of a path', () => {
  it('shows what was taken, what is being taken, and where tokens wait', () => {
    const trace = traceOf(forked, { code: 'sound.stuck', node: 'join' }, ['e1', 'e2', 'e3', 'e4'], 3);
    expect(trace.edges).toEqual({ e1: 'taken', e2: 'waits', e3: 'now' });
    expect(trace.node).toBe('join');
  });

  it('shows at the end by which flow no token comes', () => {
    const trace = traceOf(forked, { code: 'sound.stuck', node: 'join' }, ['e1', 'e2', 'e3', 'e4'], 4);
    expect(trace.edges).toMatchObject({ e4: 'waits', e5: 'missing' });
    expect(traceOf(forked, { code: 'sound.unbounded', node: 'join' }, ['e1'], 1).edges).toEqual({ e1: 'waits' });
  });

  it('counts what is gone again', () => {
    expect(traceOf(forked, { code: 'sound.unbounded', node: 'split' }, ['e1', 'e2', 'e3', 'e8', 'e2', 'e3'], 6).counts).toMatchObject({ e1: 1, e2: 2, e3: 2 });
  });
});
