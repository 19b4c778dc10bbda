import { describe, expect, it } from 'vitest';

import type { GraphDocument } from '@/shared/graph/types';

import { compareDocuments } from './compare';
import { overlay } from './overlay';

const gateway = (id: string, title = id, more: object = {}) => ({ id, kind: 'parallel_gateway' as const, title, ...more });

const before: GraphDocument = {
  schema: 1,
  nodes: [gateway('a', 'Same'), gateway('b', 'Was'), { id: 'late', kind: 'boundary_event', title: '', boundary: { on: 'a', kind: 'error' } }, gateway('gone')],
  edges: [{ id: 'e1', from: 'a', to: 'b' }, { id: 'e2', from: 'a', to: 'gone' }, { id: 'e3', from: 'gone', to: 'b' }],
  layout: { nodes: { a: { x: 0, y: 0 }, gone: { x: 50, y: 90 } } },
};
const after: GraphDocument = {
  schema: 1,
  nodes: [gateway('first', 'Same'), gateway('b', 'Is'), gateway('new')],
  edges: [{ id: 'e1', from: 'first', to: 'b' }, { id: 'e4', from: 'b', to: 'new' }],
  layout: { nodes: { first: { x: 0, y: 0 }, new: { x: 300, y: 0 } } },
};

describe('overlay', () => {
  const comparison = compareDocuments(before, after);

  it('shows what is gone where it stood, tied to what stands there under its new id', () => {
    const { graph, marks } = overlay(before, after, comparison, 'both');
    expect(graph.nodes.map((node) => node.id)).toEqual(['first', 'b', 'new', 'late', 'gone']);
    expect(graph.nodes.find((node) => node.id === 'late')?.boundary?.on).toBe('first');
    expect(graph.edges.find((edge) => edge.id === 'e2')).toEqual({ id: 'e2', from: 'first', to: 'gone' });
    expect(graph.layout.nodes?.gone).toEqual({ x: 50, y: 90 });
    expect(marks.nodes).toEqual({ first: 'changed', b: 'changed', new: 'added', late: 'removed', gone: 'removed' });
    expect(marks.edges).toEqual({ e2: 'removed', e3: 'removed', e4: 'added' });
  });

  it('marks on one side only what that side has, by its own ids', () => {
    const was = overlay(before, after, comparison, 'before');
    expect(was.graph).toBe(before);
    expect(was.marks.nodes).toEqual({ a: 'changed', b: 'changed', late: 'removed', gone: 'removed' });
    const is = overlay(before, after, comparison, 'after');
    expect(is.graph).toBe(after);
    expect(is.marks).toEqual({ nodes: { first: 'changed', b: 'changed', new: 'added' }, edges: { e4: 'added' } });
  });
});
