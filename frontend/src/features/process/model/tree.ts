// The tree of a process: process → tasks, repeated runs of a node folded, then the steps that are still to come.
import type { TaskSummary } from '@/shared/api/types';
import { isTask } from '@/shared/graph/kinds';
import { startOf } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';
import { hasEnded, inOrder, taskHasEnded, type LiveProcess } from '@/shared/run/live-process';

import { nodeRanks, reachableFrom } from './graph-order';

export type TreeKind = 'process' | 'group' | 'task' | 'pending';

export interface TreeNode {
  key: string;
  kind: TreeKind;
  label: string;
  state: string;
  node: string | undefined;
  task: TaskSummary | undefined;
  children: TreeNode[];
  /** Of a group: how many runs, and how many of them failed. */
  runs: number;
  failed: number;
}

export interface TreeRow {
  node: TreeNode;
  level: number;
  parent: string | undefined;
  expandable: boolean;
  expanded: boolean;
  position: number;
  siblings: number;
}

/** More runs of one node than this are one row until someone opens it. */
export const foldRunsAbove = 3;

export const rootKey = 'process';

const badStates: ReadonlySet<string> = new Set(['incident', 'failed', 'retrying']);

export function buildTree(live: LiveProcess, document: GraphDocument | undefined): TreeNode {
  const ranks = document ? nodeRanks(document) : new Map<string, number>();
  const tasks = inOrder(live.tasks, (node) => ranks.get(node) ?? Infinity);
  const byScope = new Map<string, TaskSummary[]>();
  for (const task of tasks) {
    // What is inside of a task that is not loaded stands at the top rather than nowhere.
    const scope = task.scope_id in live.tasks ? task.scope_id : rootKey;
    byScope.set(scope, [...(byScope.get(scope) ?? []), task]);
  }
  const children = rowsOf(rootKey, byScope);
  if (document && !hasEnded(live.process)) children.push(...pendingRows(live, document, ranks, new Set(tasks.map((task) => task.node_id))));
  return {
    key: rootKey,
    kind: 'process',
    label: live.process.definition_title || live.process.definition,
    state: live.process.state,
    node: undefined,
    task: undefined,
    children,
    runs: 0,
    failed: 0,
  };
}

/** The rows of one level: tasks as they came, many runs of one step folded, what is inside of a task below it. */
function rowsOf(scope: string, byScope: ReadonlyMap<string, readonly TaskSummary[]>): TreeNode[] {
  const tasks = byScope.get(scope) ?? [];
  const byNode = new Map<string, TaskSummary[]>();
  for (const task of tasks) byNode.set(task.node_id, [...(byNode.get(task.node_id) ?? []), task]);
  const rows: TreeNode[] = [];
  for (const task of tasks) {
    const runs = byNode.get(task.node_id) ?? [];
    if (runs.length <= foldRunsAbove) rows.push(taskRow(task, runs.length > 1, byScope));
    else if (runs[0] === task) rows.push(groupRow(scope, runs, byScope));
  }
  return rows;
}

function taskRow(task: TaskSummary, numbered: boolean, byScope: ReadonlyMap<string, readonly TaskSummary[]>): TreeNode {
  const children = rowsOf(task.id, byScope);
  return {
    key: task.id, kind: 'task', label: task.title || task.node_id, state: task.state, node: task.node_id, task, children,
    runs: numbered ? task.run : 0, failed: children.reduce((sum, child) => sum + Number(badStates.has(child.state)) + child.failed, 0),
  };
}

function groupRow(scope: string, runs: readonly TaskSummary[], byScope: ReadonlyMap<string, readonly TaskSummary[]>): TreeNode {
  const urgent = runs.find((task) => task.state === 'incident') ?? runs.find((task) => !taskHasEnded(task)) ?? runs.at(-1);
  return {
    key: scope === rootKey ? `group:${urgent?.node_id ?? ''}` : `group:${scope}:${urgent?.node_id ?? ''}`,
    kind: 'group',
    label: urgent?.title ?? '',
    state: urgent?.state ?? 'pending',
    node: urgent?.node_id,
    task: undefined,
    children: runs.map((task) => taskRow(task, true, byScope)),
    runs: runs.length,
    failed: runs.filter((task) => task.state === 'failed' || task.state === 'incident').length,
  };
}

/** Steps that nothing has come to yet and something still can: the road ahead, greyed. */
function pendingRows(
  live: LiveProcess,
  document: GraphDocument,
  ranks: ReadonlyMap<string, number>,
  come: ReadonlySet<string>,
): TreeNode[] {
  const open = Object.values(live.tasks).filter((task) => !taskHasEnded(task)).map((task) => task.node_id);
  const starts = [startOf(document)?.id ?? ''];
  const ahead = reachableFrom(document, open.length > 0 ? open : starts);
  return document.nodes
    .filter((node) => isTask(node.kind) && node.parent === undefined && ahead.has(node.id) && !come.has(node.id))
    .sort((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0))
    .map((node) => ({
      key: `pending:${node.id}`, kind: 'pending', label: node.title || node.id, state: 'pending', node: node.id,
      task: undefined, children: [], runs: 0, failed: 0,
    }));
}

export interface TreeView {
  /** Keys that someone folded; the process itself is open, groups are folded, unless said otherwise. */
  toggled: ReadonlySet<string>;
  filter: string;
  errorsOnly: boolean;
}

/** The rows that are seen, in order. A filter keeps the ancestors of what it finds and opens them. */
export function visibleRows(root: TreeNode, view: TreeView): TreeRow[] {
  const filtering = view.errorsOnly || view.filter.trim() !== '';
  const kept = filtering ? matching(root, view) : undefined;
  const rows: TreeRow[] = [];
  const walk = (node: TreeNode, level: number, parent: string | undefined, position: number, siblings: number) => {
    const children = kept ? node.children.filter((child) => kept.has(child.key)) : node.children;
    // What is under way inside of a step is shown; what is over is folded.
    const openByDefault = node.kind === 'process' || node.failed > 0 || (node.task !== undefined && !taskHasEnded(node.task));
    const expanded = children.length > 0 && (filtering || openByDefault !== view.toggled.has(node.key));
    rows.push({ node, level, parent, expandable: node.children.length > 0, expanded, position, siblings });
    if (!expanded) return;
    children.forEach((child, index) => {
      walk(child, level + 1, node.key, index + 1, children.length);
    });
  };
  walk(root, 1, undefined, 1, 1);
  return rows;
}

function matching(root: TreeNode, view: TreeView): ReadonlySet<string> {
  const words = view.filter.trim().toLowerCase();
  const kept = new Set<string>([root.key]);
  const visit = (node: TreeNode): boolean => {
    const own =
      (words === '' || node.label.toLowerCase().includes(words) || (node.node ?? '').includes(words)) &&
      (!view.errorsOnly || badStates.has(node.state));
    // Every child is visited: one that matches is kept whether or not its brother did.
    const below = node.children.map(visit).some(Boolean);
    if (own || below) kept.add(node.key);
    return own || below;
  };
  visit(root);
  return kept;
}

/** Where the arrow keys and their friends lead (ARIA tree pattern); undefined: the key means nothing here. */
export type TreeMove = { focus: string } | { toggle: string };

export function treeKey(rows: readonly TreeRow[], current: string | undefined, key: string): TreeMove | undefined {
  const index = Math.max(0, rows.findIndex((row) => row.node.key === current));
  const row = rows[index];
  if (!row) return undefined;
  const focus = (target: TreeRow | undefined): TreeMove | undefined => target && { focus: target.node.key };
  switch (key) {
    case 'ArrowDown':
      return focus(rows[index + 1]);
    case 'ArrowUp':
      return focus(rows[index - 1]);
    case 'Home':
      return focus(rows[0]);
    case 'End':
      return focus(rows.at(-1));
    case 'ArrowRight':
      if (row.expandable && !row.expanded) return { toggle: row.node.key };
      return row.expanded ? focus(rows[index + 1]) : undefined;
    case 'ArrowLeft':
      if (row.expanded) return { toggle: row.node.key };
      return row.parent === undefined ? undefined : { focus: row.parent };
    default:
      return undefined;
  }
}
