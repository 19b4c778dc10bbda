import { describe, expect, it } from 'vitest';

import { boundsOf, boxOf, type Box, type Size } from '../graph/geometry';
import { withFallbackLayout } from '../graph/fallback-layout';
import { nodeById } from '../graph/query';
import type { GraphDocument, GraphEdge, GraphNode } from '../graph/types';
import { firstView, leastZoom, LEGIBLE_ZOOM, READ_ZOOM, standsAt, wholeView } from './first-view';
import { createRunState, type RunNodeState } from './run-state';

const DESIGNER: Size = { width: 876, height: 802 };
const SMALL_DESIGNER: Size = { width: 500, height: 650 };
const PROCESS: Size = { width: 700, height: 420 };
const SIZES: [string, Size][] = [['designer', DESIGNER], ['small designer', SMALL_DESIGNER], ['process page', PROCESS]];

/** Steps in a row, after a start. */
function row(steps: number): GraphDocument {
  const nodes: GraphNode[] = [{ id: 'start', kind: 'start_event', title: 'Start', start: {} }];
  const edges: GraphEdge[] = [];
  for (let n = 1; n <= steps; n++) {
    nodes.push({ id: `s${n}`, kind: 'script_task', title: `Step ${n}`, script: { output: {} } });
    edges.push({ id: `e${n}`, from: n === 1 ? 'start' : `s${n - 1}`, to: `s${n}` });
  }
  return withFallbackLayout({ schema: 1, nodes, edges, layout: {} });
}

/** A tree of choices that is much taller than any canvas. */
function tall(branches: number): GraphDocument {
  const nodes: GraphNode[] = [{ id: 'start', kind: 'start_event', title: 'Start', start: {} }];
  const edges: GraphEdge[] = [];
  for (let n = 1; n <= branches; n++) {
    nodes.push({ id: `s${n}`, kind: 'script_task', title: `Step ${n}`, script: { output: {} } });
    edges.push({ id: `e${n}`, from: 'start', to: `s${n}` });
  }
  return withFallbackLayout({ schema: 1, nodes, edges, layout: {} });
}

/** Where a box is seen. */
function onScreen(view: { x: number; y: number; zoom: number } | undefined, box: Box | undefined): Box {
  if (view === undefined || box === undefined) throw new Error('nothing to see');
  return { x: view.x + box.x * view.zoom, y: view.y + box.y * view.zoom, width: box.width * view.zoom, height: box.height * view.zoom };
}

function seenWhole(box: Box, size: Size): boolean {
  return box.x >= 0 && box.y >= 0 && box.x + box.width <= size.width && box.y + box.height <= size.height;
}

function boxOfNode(graph: GraphDocument, id: string): Box | undefined {
  const node = nodeById(graph, id);
  return node === undefined ? undefined : boxOf(graph, node);
}

describe.each(SIZES)('in the %s', (_, size) => {
  it.each([1, 2, 3, 22, 200])('%d steps in a row open whole, or legible at their start', (steps) => {
    const graph = row(steps);
    const view = firstView(graph, size);
    const whole = seenWhole(onScreen(view, boundsOf(graph)), size);
    expect(whole).toBe((wholeView(graph, size)?.zoom ?? 0) >= LEGIBLE_ZOOM);
    expect(view?.zoom).toBeGreaterThanOrEqual(whole ? LEGIBLE_ZOOM : READ_ZOOM);
    const start = onScreen(view, boxOfNode(graph, 'start'));
    expect(seenWhole(start, size)).toBe(true);
    if (!whole) expect(start.x).toBeLessThan(size.width / 3);
  });

  it('what is too tall opens at its start, in sight and near the left', () => {
    const graph = tall(60);
    const view = firstView(graph, size);
    expect(view?.zoom).toBe(READ_ZOOM);
    const start = onScreen(view, boxOfNode(graph, 'start'));
    expect(seenWhole(start, size)).toBe(true);
    expect(start.x).toBeLessThan(size.width / 3);
  });

  it.each([3, 22, 200])('a fit shows all of %d steps with room at every side', (steps) => {
    const graph = row(steps);
    const seen = onScreen(wholeView(graph, size), boundsOf(graph));
    expect(seen.x).toBeGreaterThanOrEqual(42);
    expect(seen.x + seen.width).toBeLessThanOrEqual(size.width - 42);
    expect(seen.y + seen.height).toBeLessThanOrEqual(size.height - 70);
    expect(leastZoom(graph)).toBeLessThanOrEqual(wholeView(graph, size)?.zoom ?? 0);
  });
});

it('the step that was asked for is seen, and the start too when both have room', () => {
  const graph = row(22);
  expect(firstView(graph, DESIGNER, 's2')).toEqual(firstView(graph, DESIGNER));
  const far = firstView(graph, DESIGNER, 's20');
  expect(far?.zoom).toBe(READ_ZOOM);
  expect(seenWhole(onScreen(far, boxOfNode(graph, 's20')), DESIGNER)).toBe(true);
});

it('nothing is worked out for a canvas without a size, or without a graph', () => {
  expect(firstView(row(3), { width: 0, height: 0 })).toBeUndefined();
  expect(firstView({ schema: 1, nodes: [], edges: [], layout: {} }, DESIGNER)).toBeUndefined();
});

it('a small graph is never shown larger than it is', () => {
  expect(firstView(row(1), DESIGNER)?.zoom).toBe(1);
});

describe('where a process stands', () => {
  const graph: GraphDocument = {
    schema: 1,
    nodes: [
      { id: 'start', kind: 'start_event', title: 'Start', start: {} },
      { id: 'fee', kind: 'sub_process', title: 'Fee' },
      { id: 'pay', kind: 'user_task', title: 'Pay', parent: 'fee' },
      { id: 'check', kind: 'script_task', title: 'Check', script: { output: {} } },
    ],
    edges: [],
    layout: {},
  };
  const stands = (states: Record<string, RunNodeState>) =>
    standsAt(graph, createRunState({ nodes: Object.fromEntries(Object.entries(states).map(([id, state]) => [id, { state }])) }).getState());
  it.each<[string, Record<string, RunNodeState>, string | undefined]>([
    ['inside of what runs', { start: 'completed', fee: 'running', pay: 'waiting' }, 'pay'],
    ['at what is held, whatever else moves', { fee: 'running', pay: 'running', check: 'incident' }, 'check'],
    ['at what runs, whatever else waits', { fee: 'running', pay: 'waiting', check: 'running' }, 'check'],
    ['nowhere when all is done', { start: 'completed', fee: 'completed', pay: 'completed', check: 'completed' }, undefined],
    ['nowhere before anything is known', {}, undefined],
  ])('is %s', (_, states, node) => {
    expect(stands(states)).toBe(node);
  });
});
