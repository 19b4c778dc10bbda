import { describe, expect, it } from 'vitest';

import { routeHints } from './detours';
import { withFallbackLayout } from './fallback-layout';
import { boxOf, boxesOverlap, outline } from './geometry';
import { loopHints } from './loops';
import { arrowHead, pathThrough, routeEdge, shortened, type End } from './route';
import { nodeById } from './query';
import { diamond, random } from './testing';
import type { GraphDocument, GraphEdge, GraphNode, NodeKind, Point } from './types';

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

/** Flows that run through a card that is none of their ends. */
function throughCards(doc: GraphDocument): string[] {
  const hints = routeHints(doc);
  return doc.edges.flatMap((edge) => {
    const [from, to] = [nodeById(doc, edge.from), nodeById(doc, edge.to)];
    if (from === undefined || to === undefined) return [];
    const { points } = routeEdge(end(from.kind, boxOf(doc, from).x, boxOf(doc, from).y), end(to.kind, boxOf(doc, to).x, boxOf(doc, to).y), hints.get(edge.id));
    const cards = doc.nodes.filter((node) => node.id !== edge.from && node.id !== edge.to);
    const hit = cards.find((node) => points.some((point, index) => {
      const next = points[index + 1] ?? point;
      const line = { x: Math.min(point.x, next.x), y: Math.min(point.y, next.y), width: Math.abs(point.x - next.x), height: Math.abs(point.y - next.y) };
      return boxesOverlap(line, boxOf(doc, node));
    }));
    return hit === undefined ? [] : [`${edge.id} through ${hit.id}`];
  });
}

function documentOf(nodes: [id: string, kind: NodeKind][], flows: string[]): GraphDocument {
  return {
    schema: 1,
    nodes: nodes.map(([id, kind]): GraphNode => ({ id, kind, title: id })),
    edges: flows.map((flow): GraphEdge => ({ id: flow, from: flow.split('-')[0] ?? '', to: flow.split('-')[1] ?? '' })),
    layout: {},
  };
}

describe('flows that pass what stands between their ends', () => {
  it('leave a flow alone that has nothing in its way', () => {
    expect(routeHints(diamond()).size).toBe(0);
  });

  it.each<[string, [string, NodeKind][], string[]]>([
    ['a flow past one step of a row', [['a', 'service_task'], ['b', 'service_task'], ['c', 'service_task']], ['a-b', 'b-c', 'a-c']],
    ['two flows past the same steps', [['a', 'service_task'], ['b', 'service_task'], ['c', 'service_task'], ['d', 'service_task']], ['a-b', 'b-c', 'c-d', 'a-c', 'b-d', 'a-d']],
    ['a choice that leaves steps out', [['a', 'exclusive_gateway'], ['b', 'service_task'], ['c', 'service_task'], ['d', 'exclusive_gateway']], ['a-b', 'b-c', 'c-d', 'a-d']],
    ['branches of different length', [['a', 'parallel_gateway'], ['b', 'service_task'], ['c', 'service_task'], ['d', 'service_task'], ['e', 'parallel_gateway']], ['a-b', 'b-c', 'c-e', 'a-d', 'd-e', 'a-e']],
  ])('a document that was never drawn: %s', (_, nodes, flows) => {
    const doc = withFallbackLayout(documentOf(nodes, flows));
    expect(throughCards(doc)).toEqual([]);
  });

  it('two that pass the same steps between other ends are told apart', () => {
    const doc = withFallbackLayout(documentOf([['a', 'service_task'], ['b', 'service_task'], ['c', 'service_task'], ['d', 'service_task']], ['a-b', 'b-c', 'c-d', 'a-c', 'b-d']));
    const hints = routeHints(doc);
    expect(hints.get('a-c')?.y).not.toBe(hints.get('b-d')?.y);
  });

  it('any graph that was never drawn has no flow through a card', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const next = random(seed);
      const kinds: NodeKind[] = ['service_task', 'script_task', 'exclusive_gateway', 'parallel_gateway'];
      const count = 4 + Math.floor(next() * 9);
      const nodes = Array.from({ length: count }, (__, index): [string, NodeKind] => [`n${index}`, index === 0 ? 'start_event' : (kinds[Math.floor(next() * kinds.length)] ?? 'service_task')]);
      const flows = new Set(nodes.slice(1).map(([id], index) => `n${Math.floor(next() * (index + 1))}-${id}`));
      for (let more = 0; more < 4; more++) {
        const from = Math.floor(next() * (count - 1));
        flows.add(`n${from}-n${from + 1 + Math.floor(next() * (count - from - 1))}`);
      }
      const doc = withFallbackLayout(documentOf(nodes, [...flows]));
      expect(throughCards(doc), `seed ${seed}`).toEqual([]);
    }
  });
});
