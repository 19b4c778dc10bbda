// @vitest-environment jsdom
import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeAll, describe, expect, it, vi } from 'vitest';

import { reduceLive } from '@/shared/run/live-process';
import { aGraph, aProcess, aTask } from '@/shared/run/process-fixture';
import { renderPart } from '@/shared/testing/render';

import type { Selection } from '../hooks/use-selection';
import { TaskTree } from './task-tree';

function aSelection(change: Partial<Selection> = {}): Selection {
  return {
    process: undefined, task: undefined, node: undefined, attempt: undefined, tab: 'timeline', errorsOnly: false,
    selectTask: vi.fn(), selectNode: vi.fn(), selectCalled: vi.fn(), selectAttempt: vi.fn(), selectTab: vi.fn(), setErrorsOnly: vi.fn(),
    ...change,
  };
}

async function show(selection: Selection) {
  const live = reduceLive(undefined, {
    type: 'loaded',
    process: aProcess({ state: 'incident', open_incidents: 1 }),
    tasks: [
      aTask('first', { title: 'First', state: 'completed', run_ms: 200, ended_at: '2026-11-23T12:00:01Z' }),
      aTask('left', { title: 'Left', state: 'incident', attempt: 5, created_at: '2026-11-23T12:00:02Z' }),
    ],
  });
  if (!live) throw new Error('nothing loaded');
  await renderPart(<TaskTree live={live} document={aGraph} selection={selection} stale={false} />);
  return screen.findByRole('tree');
}

describe('TaskTree', () => {
  beforeAll(() => {
    // jsdom has no layout, and a list of no height draws no row.
    Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, value: 600 });
    Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, value: 376 });
  });

  it('is an ARIA tree whose rows say what and where they are', async () => {
    const tree = await show(aSelection({ task: 'left' }));
    const rows = within(tree).getAllByRole('treeitem');
    expect(rows.map((row) => [row.dataset.testid, row.dataset.state, row.getAttribute('aria-level')])).toEqual([
      ['tree-root', 'incident', '1'],
      ['tree-row-first', 'completed', '2'],
      ['tree-row-left', 'incident', '2'],
      ['tree-row-last', 'pending', '2'],
    ]);
    expect(screen.getByTestId('tree-row-left').getAttribute('aria-selected')).toBe('true');
    expect(within(screen.getByTestId('tree-row-left')).getByText('5 of 5')).toBeTruthy();
    expect(within(screen.getByTestId('tree-row-last')).getByText('held by incident')).toBeTruthy();
  });

  it('walks with the arrow keys', async () => {
    const selection = aSelection({ task: 'first' });
    const tree = await show(selection);
    fireEvent.keyDown(tree, { key: 'ArrowDown' });
    expect(selection.selectTask).toHaveBeenCalledWith('left');
    fireEvent.keyDown(tree, { key: 'End' });
    expect(selection.selectNode).toHaveBeenCalledWith('last');
  });

  it('folds and unfolds the process with the arrow keys', async () => {
    const tree = await show(aSelection());
    fireEvent.keyDown(tree, { key: 'ArrowLeft' });
    expect(within(tree).getAllByRole('treeitem')).toHaveLength(1);
    fireEvent.keyDown(tree, { key: 'ArrowRight' });
    expect(within(tree).getAllByRole('treeitem')).toHaveLength(4);
  });

  it('filters as one types', async () => {
    const tree = await show(aSelection());
    await userEvent.type(screen.getByLabelText('Filter tasks'), 'lef');
    expect(within(tree).getAllByRole('treeitem').map((row) => row.dataset.testid)).toEqual(['tree-root', 'tree-row-left']);
  });

  it('asks for errors only', async () => {
    const selection = aSelection();
    await show(selection);
    await userEvent.click(screen.getByRole('button', { name: 'Errors only' }));
    expect(selection.setErrorsOnly).toHaveBeenCalledWith(true);
  });
});
