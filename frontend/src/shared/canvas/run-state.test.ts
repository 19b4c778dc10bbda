import { describe, expect, it } from 'vitest';

import { diamond } from '../graph/testing';
import type { GraphDocument } from '../graph/types';
import { MAX_PULSES, createRunState, pulsingEdges, toneOf } from './run-state';
import { levelOfDetail } from './use-level-of-detail';

describe('pulses', () => {
  it('are on taken flows into nodes that work, and nowhere when the connection is gone', () => {
    const run = createRunState({ nodes: { check: { state: 'running' }, decide: { state: 'completed' } }, takenEdges: new Set(['e1', 'e2']) });
    expect(pulsingEdges(diamond(), run.getState())).toEqual(['e1']);
    run.setState({ stale: true });
    expect(pulsingEdges(diamond(), run.getState())).toEqual([]);
  });

  it('are twelve at most', () => {
    const edges = Array.from({ length: 40 }, (_, index) => ({ id: `e${index}`, from: 'split', to: `n${index}` }));
    const graph: GraphDocument = { schema: 1, nodes: [], edges, layout: {} };
    const nodes = Object.fromEntries(edges.map((edge) => [edge.to, { state: 'running' as const }]));
    expect(pulsingEdges(graph, { nodes, takenEdges: new Set(edges.map((edge) => edge.id)), stale: false })).toHaveLength(MAX_PULSES);
  });
});

describe('looks', () => {
  it.each([
    ['incident', 'bad'],
    ['retrying', 'active'],
    ['waiting', 'wait'],
    ['skipped', 'idle'],
    ['completed', 'ok'],
  ] as const)('%s is %s', (state, tone) => {
    expect(toneOf(state)).toBe(tone);
  });

  it('lose detail far away', () => {
    expect([1, 0.5, 0.49, 0.25, 0.24].map(levelOfDetail)).toEqual(['full', 'full', 'less', 'less', 'shape']);
  });
});
