import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import type { GraphDocument } from '@/shared/graph/types';

import { compareDocuments, isSame, sameDocument, type Comparison } from './compare';

interface Case {
  name: string;
  before: GraphDocument;
  after: GraphDocument;
  want: Comparison;
}

const cases = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../../../designer/compare/testdata/cases.json'), 'utf8')) as Case[];

describe('compareDocuments', () => {
  it.each(cases)('tells, as the server does: $name', ({ before, after, want }) => {
    expect(compareDocuments(before, after)).toEqual(want);
    expect(isSame(compareDocuments(after, after))).toBe(true);
  });

  it('says what the server would not write is nothing', () => {
    const doc = (service: object): GraphDocument => ({
      schema: 1, nodes: [{ id: 'a', kind: 'service_task', title: 'A', service: { type: 'x@1', ...service } }], edges: [], layout: {},
    });
    expect(isSame(compareDocuments(doc({}), doc({ input: {}, plan: false })))).toBe(true);
    expect(isSame(compareDocuments(doc({ timeouts: {} }), doc({ timeouts: { queue_ms: 0 } })))).toBe(true);
    expect(isSame(compareDocuments(doc({}), doc({ timeouts: { queue_ms: 0 } })))).toBe(false);
    expect(compareDocuments(doc({ input: { a: '', b: 1 } }), doc({ input: { b: 1 } })).items[0]?.fields).toEqual([{ path: '/service/input/a', before: '' }]);
  });
});

describe('sameDocument', () => {
  it('does not care for the order of members, but for everything else', () => {
    const [some] = cases;
    if (some === undefined) throw new Error('there are cases');
    const turned = Object.fromEntries(Object.entries(some.before).reverse()) as unknown as GraphDocument;
    expect(sameDocument(some.before, turned)).toBe(true);
    expect(sameDocument(some.before, { ...some.before, layout: { nodes: { start: { x: 1, y: 0 } } } })).toBe(false);
  });
});
