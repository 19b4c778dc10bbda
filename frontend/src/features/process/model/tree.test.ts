import { describe, expect, it } from 'vitest';

import { reduceLive, type LiveProcess } from '@/shared/run/live-process';
import { aGraph, aProcess, aTask } from '@/shared/run/process-fixture';

import { asked, buildTree, treeKey, visibleRows, type TreeRow } from './tree';

function live(state: LiveProcess['process']['state'], ...tasks: ReturnType<typeof aTask>[]): LiveProcess {
  const loaded = reduceLive(undefined, { type: 'loaded', process: aProcess({ state }), tasks });
  if (!loaded) throw new Error('nothing loaded');
  return loaded;
}

const closed = { toggled: new Set<string>(), filter: '', errorsOnly: false };

function drawn(rows: readonly TreeRow[]): string[] {
  return rows.map((row) => `${'  '.repeat(row.level - 1)}${row.node.label} ${row.node.state}`);
}

describe('buildTree', () => {
  it('lists tasks in the order of what happened and then the road ahead', () => {
    const tree = buildTree(
      live(
        'running',
        aTask('right', { title: 'Right', created_at: '2026-11-23T12:00:05Z' }),
        aTask('left', { title: 'Left', state: 'running', created_at: '2026-11-23T12:00:05Z' }),
        aTask('first', { title: 'First', state: 'completed' }),
      ),
      aGraph,
    );
    expect(drawn(visibleRows(tree, closed))).toEqual([
      'Document check running', '  First completed', '  Left running', '  Right queued', '  Last pending',
    ]);
  });

  it('says what undoes what, as long as it was not cancelled', () => {
    const at = (n: number) => ({ created_at: `2026-11-23T12:00:0${n}Z` });
    const tree = buildTree(
      live(
        'completed',
        aTask('fee', { title: 'Book fee', state: 'completed', ...at(1) }),
        aTask('entry', { title: 'Entry', state: 'completed', ...at(2) }),
        aTask('un_entry', { title: 'Erase', state: 'cancelled', undoes: 'entry', ...at(3) }),
        aTask('un_fee', { title: 'Refund', state: 'running', undoes: 'fee', ...at(4) }),
      ),
      undefined,
    );
    expect(tree.children.map(({ label, undoes, undoneBy }) => ({ label, undoes, undoneBy }))).toEqual([
      { label: 'Book fee', undoes: undefined, undoneBy: { title: 'Refund', state: 'running' } },
      { label: 'Entry', undoes: undefined, undoneBy: undefined },
      { label: 'Erase', undoes: 'Entry', undoneBy: undefined },
      { label: 'Refund', undoes: 'Book fee', undoneBy: undefined },
    ]);
  });

  it('shows no road ahead once the process has ended', () => {
    const tree = buildTree(live('cancelled', aTask('first', { state: 'cancelled' })), aGraph);
    expect(tree.children.map((node) => node.kind)).toEqual(['task']);
  });

  it('shows only steps that a token can still come to', () => {
    const tree = buildTree(live('running', aTask('last', { state: 'running' })), aGraph);
    expect(tree.children.map((node) => node.key)).toEqual(['last']);
  });

  it('folds many runs of one node and opens the fold that holds a failure', () => {
    const runs = Array.from({ length: 5 }, (_, index) =>
      aTask(`run${index}`, {
        node_id: 'first', title: 'First', run: index + 1, state: index === 3 ? 'failed' : 'completed', created_at: `2026-11-23T12:00:0${index}Z`,
      }),
    );
    const tree = buildTree(live('completed', ...runs), aGraph);
    expect(tree.children).toHaveLength(1);
    expect(tree.children[0]).toMatchObject({ kind: 'group', runs: 5, failed: 1 });
    expect(visibleRows(tree, closed)).toHaveLength(7);
    expect(visibleRows(tree, { ...closed, toggled: new Set(['group:first']) })).toHaveLength(2);
  });

  it('numbers a few runs without folding them', () => {
    const tree = buildTree(live('completed', aTask('a', { node_id: 'first' }), aTask('b', { node_id: 'first', run: 2 })), aGraph);
    expect(tree.children.map((node) => node.runs)).toEqual([1, 2]);
  });
});

describe('called processes', () => {
  const child = { id: 'c2', custom_id: '77:01-1', definition: 'inner', definition_title: 'Inner', version: 1, state: 'incident' as const, open_incidents: 1, count: 2 };
  const above = live('running', aTask('ask', { kind: 'call_activity', state: 'running', child }));
  const inside = live('incident', aTask('work', { title: 'Work', state: 'incident' }));

  it('stand below their call, and are asked for where something is wrong in them', () => {
    const tree = buildTree(above, undefined);
    expect(drawn(visibleRows(tree, closed))).toEqual(['Document check running', '  Title of ask running', '     skipped', '    Inner incident']);
    expect(asked(tree, closed.toggled)).toEqual({ opened: ['c2'], earlier: [] });
    expect(asked(tree, new Set(['called:c2', 'earlier:ask']))).toEqual({ opened: [], earlier: ['ask'] });
    const many = Array.from({ length: 9 }, (_, index) => aTask(`t${index}`, { node_id: 'ask', run: index + 1, child: { ...child, id: `c${index}`, count: 1 } }));
    expect(asked(buildTree(live('running', ...many), undefined), new Set()).opened).toHaveLength(5);
  });

  it('show their tasks once they are loaded, each of its own process', () => {
    const earlier = { ...inside.process, id: 'c1', definition_title: 'Inner', state: 'cancelled' as const };
    const tree = buildTree(above, undefined, { opened: new Map([['c2', inside]]), earlier: new Map([['ask', [earlier]]]) });
    const rows = visibleRows(tree, { ...closed, toggled: new Set(['earlier:ask']) });
    expect(rows.map((row) => [row.level, row.node.key, row.node.of])).toEqual([
      [1, 'process', undefined], [2, 'ask', undefined], [3, 'earlier:ask', undefined], [4, 'called:c1', 'c1'], [3, 'called:c2', 'c2'], [4, 'work', 'c2'],
    ]);
  });

  it('are found by what went wrong in them', () => {
    expect(drawn(visibleRows(buildTree(above, undefined), { ...closed, errorsOnly: true }))).toEqual(['Document check running', '  Title of ask running', '    Inner incident']);
  });
});

describe('visibleRows', () => {
  const tree = buildTree(
    live('incident', aTask('first', { title: 'Проверка', state: 'completed' }), aTask('left', { title: 'Запрос', state: 'incident' })),
    aGraph,
  );

  it('keeps the ancestors of what a filter finds', () => {
    expect(drawn(visibleRows(tree, { ...closed, filter: 'запр' }))).toEqual(['Document check incident', '  Запрос incident']);
  });

  it('shows only what went wrong on demand', () => {
    expect(drawn(visibleRows(tree, { ...closed, errorsOnly: true }))).toEqual(['Document check incident', '  Запрос incident']);
  });

  it('says where a row stands among its brothers', () => {
    const rows = visibleRows(tree, closed);
    expect(rows.map((row) => [row.position, row.siblings])).toEqual([[1, 1], [1, 3], [2, 3], [3, 3]]);
  });

  it('shows the root alone when it is folded', () => {
    expect(visibleRows(tree, { ...closed, toggled: new Set(['process']) })).toHaveLength(1);
  });
});

describe('treeKey', () => {
  const rows = visibleRows(buildTree(live('running', aTask('first'), aTask('left')), undefined), closed);

  it.each([
    ['ArrowDown', 'process', { focus: 'first' }],
    ['ArrowUp', 'left', { focus: 'first' }],
    ['Home', 'left', { focus: 'process' }],
    ['End', 'process', { focus: 'left' }],
    ['ArrowRight', 'process', { focus: 'first' }],
    ['ArrowLeft', 'process', { toggle: 'process' }],
    ['ArrowLeft', 'first', { focus: 'process' }],
    ['ArrowDown', 'left', undefined],
    ['a', 'left', undefined],
  ])('%s on %s', (key, current, expected) => {
    expect(treeKey(rows, current, key)).toEqual(expected);
  });

  it('opens a folded row', () => {
    const folded = visibleRows(buildTree(live('running', aTask('first')), undefined), { ...closed, toggled: new Set(['process']) });
    expect(treeKey(folded, 'process', 'ArrowRight')).toEqual({ toggle: 'process' });
  });
});
