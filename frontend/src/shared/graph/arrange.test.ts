import { describe, expect, it } from 'vitest';

import { align, distribute, type Alignment } from './arrange';
import { boxOf, centreOf } from './geometry';
import { nodeById } from './query';
import { diamond } from './testing';
import type { GraphDocument } from './types';

function box(doc: GraphDocument, id: string) {
  const node = nodeById(doc, id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return { ...boxOf(doc, node), centre: centreOf(doc, node) };
}

describe('lining up', () => {
  const edges: Record<Alignment, (doc: GraphDocument, id: string) => number> = {
    left: (doc, id) => box(doc, id).x,
    right: (doc, id) => box(doc, id).x + box(doc, id).width,
    top: (doc, id) => box(doc, id).y,
    bottom: (doc, id) => box(doc, id).y + box(doc, id).height,
    centre: (doc, id) => box(doc, id).centre.x,
    middle: (doc, id) => box(doc, id).centre.y,
  };

  it.each(Object.keys(edges) as Alignment[])('%s: all come to one line, nothing else moves', (to) => {
    const ids = ['start', 'yes', 'no', 'end'];
    const doc = align(diamond(), ids, to);
    expect(new Set(ids.map((id) => edges[to](doc, id))).size).toBe(1);
    expect(doc.layout.nodes?.check).toEqual(diamond().layout.nodes?.check);
  });

  it('leaves one alone', () => {
    const doc = diamond();
    expect(align(doc, ['yes'], 'left')).toBe(doc);
    expect(align(doc, [], 'left')).toBe(doc);
  });
});

describe('spreading', () => {
  it('gives the same room between all, and leaves the outer ones', () => {
    const doc = distribute(diamond(), ['start', 'check', 'decide', 'end'], 'x');
    const [a, b, c, d] = ['start', 'check', 'decide', 'end'].map((id) => box(doc, id));
    const gap = (left: typeof a, right: typeof a): number => (right?.x ?? 0) - (left?.x ?? 0) - (left?.width ?? 0);
    expect(a?.x).toBe(0);
    expect(d?.x).toBe(900);
    // Centres stay on the grid: the gaps differ by half a step of it at most, on each side.
    expect(Math.max(gap(a, b), gap(b, c), gap(c, d)) - Math.min(gap(a, b), gap(b, c), gap(c, d))).toBeLessThanOrEqual(8);
    expect(distribute(diamond(), ['yes', 'no'], 'y')).toEqual(diamond());
  });
});
