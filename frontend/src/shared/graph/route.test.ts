import { describe, expect, it } from 'vitest';

import { withFallbackLayout } from './fallback-layout';
import { boxOf, boxesOverlap, outline } from './geometry';
import { loopHints } from './loops';
import { arrowHead, pathThrough, routeEdge, shortened, type End } from './route';
import { diamond, random } from './testing';
import type { NodeKind, Point } from './types';

function end(kind: NodeKind, x: number, y: number): End {
  return { kind, box: outline(kind, { x, y }) };
}

function isOrthogonal(points: readonly Point[]): boolean {
  return points.every((point, index) => {
    const next = points[index + 1];
    return next === undefined || point.x === next.x || point.y === next.y;
  });
}

describe('routes', () => {
  it('go straight where they can', () => {
    expect(routeEdge(end('service_task', 0, 0), end('service_task', 300, 0)).points).toEqual([
      { x: 220, y: 36 },
      { x: 300, y: 36 },
    ]);
  });

  it('leave a gateway by its tip and name the branch there', () => {
    const route = routeEdge(end('exclusive_gateway', 0, 200), end('service_task', 200, 0));
    expect(route.points).toEqual([
      { x: 22, y: 194 },
      { x: 22, y: 36 },
      { x: 200, y: 36 },
    ]);
    expect(route.label).toEqual({ x: 22, y: 115 });
  });

  it('enter a join by its tip', () => {
    const route = routeEdge(end('service_task', 0, 0), end('parallel_gateway', 300, 200));
    expect(route.points.at(-1)).toEqual({ x: 322, y: 194 });
  });

  it('loop below what stands between', () => {
    const route = routeEdge(end('service_task', 600, 0), end('service_task', 0, 0), { side: 'below', y: 300 });
    expect(Math.max(...route.points.map((point) => point.y))).toBe(300);
    const doc = { ...diamond(), edges: [...diamond().edges, { id: 'back', from: 'no', to: 'check' }] };
    expect(loopHints(doc).get('back')).toMatchObject({ side: 'below' });
    expect(loopHints(doc).get('e1')).toBeUndefined();
  });

  it('loop above when something stands right below', () => {
    const doc = { ...diamond(), edges: [...diamond().edges, { id: 'back', from: 'yes', to: 'check' }] };
    expect(loopHints(doc).get('back')).toMatchObject({ side: 'above' });
  });

  it('run straight into the tall side of a sub-process that stands a little lower', () => {
    const frame: End = { kind: 'sub_process', box: { x: 300, y: -70, width: 400, height: 200 } };
    expect(routeEdge(end('start_event', 0, 0), frame).points).toEqual([{ x: 44, y: 22 }, { x: 300, y: 22 }]);
    expect(routeEdge(frame, end('end_event', 800, 2)).points).toEqual([{ x: 700, y: 24 }, { x: 800, y: 24 }]);
  });

  it('have right angles only, wherever the nodes stand', () => {
    const kinds: NodeKind[] = ['start_event', 'end_event', 'service_task', 'exclusive_gateway', 'parallel_gateway'];
    for (let seed = 1; seed <= 400; seed++) {
      const next = random(seed);
      const pick = (): End => end(kinds[Math.floor(next() * kinds.length)] ?? 'service_task', Math.round(next() * 800), Math.round(next() * 600));
      const route = routeEdge(pick(), pick());
      expect(isOrthogonal(route.points)).toBe(true);
      expect(Number.isFinite(route.label.x) && Number.isFinite(route.label.y)).toBe(true);
      expect(pathThrough(route.points, 8)).not.toContain('NaN');
      expect(arrowHead(route.points, 9)).not.toContain('NaN');
    }
  });

  it('can end earlier', () => {
    expect(shortened([{ x: 0, y: 0 }, { x: 100, y: 0 }], 6)).toEqual([{ x: 0, y: 0 }, { x: 94, y: 0 }]);
    expect(pathThrough([{ x: 0, y: 0 }, { x: 50, y: 0 }, { x: 50, y: 40 }], 8)).toBe('M0 0L42 0Q50 0 50 8L50 40');
  });
});

describe('documents that were never drawn', () => {
  it('get places that cover nothing, cycles included', () => {
    const bare = { ...diamond(), layout: {}, edges: [...diamond().edges, { id: 'back', from: 'no', to: 'check' }] };
    const doc = withFallbackLayout(bare);
    const boxes = doc.nodes.map((node) => boxOf(doc, node));
    boxes.forEach((box, index) => {
      for (const other of boxes.slice(index + 1)) expect(boxesOverlap(box, other)).toBe(false);
    });
    expect(doc.layout.nodes?.check?.x).toBeLessThan(doc.layout.nodes?.decide?.x ?? 0);
  });

  it('keep the places that somebody chose', () => {
    const doc = diamond();
    expect(withFallbackLayout(doc)).toBe(doc);
    const { yes: _, ...rest } = doc.layout.nodes ?? {};
    const mended = withFallbackLayout({ ...doc, layout: { nodes: rest } });
    expect(mended.layout.nodes?.check).toEqual(doc.layout.nodes?.check);
    expect(mended.layout.nodes?.yes).toBeDefined();
  });
});
