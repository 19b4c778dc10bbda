// The tree of a process: process → tasks → called processes → their tasks, repeated runs of a node folded, then the steps that are
// still to come.
import type { ProcessSummary, TaskSummary } from '@/shared/api/types';
import { isTask } from '@/shared/graph/kinds';
import { startOf } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';
import { hasEnded, inOrder, taskHasEnded, type LiveProcess } from '@/shared/run/live-process';
import { planHost } from '@/shared/run/plan';

import { nodeRanks, reachableFrom } from './graph-order';

export type TreeKind = 'process' | 'group' | 'task' | 'pending' | 'called' | 'earlier';

/** A process that was called, as far as a row tells. */
export interface Called {
  id: string;
  started_at: string | undefined;
  ended_at: string | undefined;
}

export interface TreeNode {
  key: string;
  kind: TreeKind;
  label: string;
  state: string;
  node: string | undefined;
  task: TaskSummary | undefined;
  children: TreeNode[];
  /** Of a group: how many runs, and how many of them failed; of earlier called processes: how many. */
  runs: number;
  failed: number;
  /** The process that the row is about, when it is not the page's own. */
  of?: string;
  called?: Called;
  /** The title of what the task undoes. */
  undoes?: string;
  /** What undoes the task, or has. */
  undoneBy?: { title: string; state: string };
  /** Of a called process: its row is open unless somebody folds it. */
  opens?: boolean;
}

/** What is loaded of the processes that were called. */
export interface Family {
  /** Processes that somebody opened, by id. */
  opened: ReadonlyMap<string, LiveProcess>;
  /** All that a call's task has called, by the task, where somebody asked. */
  earlier: ReadonlyMap<string, readonly ProcessSummary[]>;
}

const noFamily: Family = { opened: new Map(), earlier: new Map() };

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

export function buildTree(live: LiveProcess, document: GraphDocument | undefined, family: Family = noFamily): TreeNode {
  const ranks = document ? nodeRanks(document) : new Map<string, number>();
  const tasks = inOrder(live.tasks, (node) => ranks.get(node) ?? Infinity);
  const children = rowsOf(rootKey, { byScope: scopesOf(live, tasks), family, of: undefined, tasks: live.tasks, undoing: undoingOf(tasks) });
  openSome(children, { left: openedAtMost });
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

function scopesOf(live: LiveProcess, tasks: readonly TaskSummary[]): ReadonlyMap<string, readonly TaskSummary[]> {
  const byScope = new Map<string, TaskSummary[]>();
  for (const task of tasks) {
    // What is inside of a task that is not loaded stands at the top rather than nowhere.
    const scope = task.scope_id in live.tasks ? task.scope_id : rootKey;
    const beside = byScope.get(scope);
    if (beside) beside.push(task);
    else byScope.set(scope, [task]);
  }
  return byScope;
}

/** The tasks of one process while its rows are made. */
interface Level {
  byScope: ReadonlyMap<string, readonly TaskSummary[]>;
  family: Family;
  /** The process, when it is not the page's own. */
  of: string | undefined;
  tasks: LiveProcess['tasks'];
  /** By task: what undoes it. */
  undoing: ReadonlyMap<string, TaskSummary>;
}

function undoingOf(tasks: readonly TaskSummary[]): ReadonlyMap<string, TaskSummary> {
  return new Map(tasks.flatMap((task) => (task.undoes !== undefined && task.state !== 'cancelled' ? [[task.undoes, task] as const] : [])));
}

/** The rows of one level: tasks as they came, many runs of one step folded, what is inside of a task below it. */
function rowsOf(scope: string, level: Level): TreeNode[] {
  const tasks = level.byScope.get(scope) ?? [];
  const byNode = new Map<string, TaskSummary[]>();
  for (const task of tasks) byNode.set(task.node_id, [...(byNode.get(task.node_id) ?? []), task]);
  const rows: TreeNode[] = [];
  for (const task of tasks) {
    const runs = byNode.get(task.node_id) ?? [];
    if (runs.length <= foldRunsAbove) rows.push(taskRow(task, runs.length > 1, level));
    else if (runs[0] === task) rows.push(groupRow(scope, runs, level));
  }
  return rows;
}

function taskRow(task: TaskSummary, numbered: boolean, level: Level): TreeNode {
  const children = [...rowsOf(task.id, level), ...calledRows(task, level.family)];
  return {
    key: task.id, kind: 'task', label: task.title || task.node_id, state: task.state, node: task.node_id, task, children,
    runs: numbered ? task.run : 0, failed: children.reduce((sum, child) => sum + Number(badStates.has(child.state)) + child.failed, 0),
    ...(level.of !== undefined && { of: level.of }), ...undoOf(task, level),
  };
}

/** What a task undoes, and what undoes it. */
function undoOf(task: TaskSummary, level: Level): Pick<TreeNode, 'undoes' | 'undoneBy'> {
  const undone = level.tasks[task.undoes ?? ''];
  const by = level.undoing.get(task.id);
  return {
    ...(undone !== undefined && { undoes: undone.title || undone.node_id }),
    ...(by !== undefined && { undoneBy: { title: by.title || by.node_id, state: by.state } }),
  };
}

function groupRow(scope: string, runs: readonly TaskSummary[], level: Level): TreeNode {
  const urgent = runs.find((task) => task.state === 'incident') ?? runs.find((task) => !taskHasEnded(task)) ?? runs.at(-1);
  const children = runs.map((task) => taskRow(task, true, level));
  return {
    key: scope === rootKey && level.of === undefined ? `group:${urgent?.node_id ?? ''}` : `group:${scope === rootKey ? (level.of ?? '') : scope}:${urgent?.node_id ?? ''}`,
    kind: 'group',
    label: urgent?.title ?? '',
    state: urgent?.state ?? 'pending',
    node: urgent?.node_id,
    task: undefined,
    children,
    runs: runs.length,
    failed: children.filter((child) => child.state === 'failed' || child.state === 'incident' || child.failed > 0).length,
    ...(level.of !== undefined && { of: level.of }),
  };
}

/** The processes that a call's task has called: the last one, and above it those before, when somebody asks for them. */
function calledRows(task: TaskSummary, family: Family): TreeNode[] {
  const { child } = task;
  if (child === undefined) return [];
  const rows: TreeNode[] = [];
  if (child.count > 1) {
    const before = (family.earlier.get(task.id) ?? []).filter((each) => each.id !== child.id);
    rows.push({
      key: `earlier:${task.id}`, kind: 'earlier', label: '', state: 'skipped', node: undefined, task, runs: child.count - 1, failed: 0,
      children: before.map((each) => calledRow({ ...each, open_incidents: each.open_incidents, started_at: each.started_at, ended_at: each.ended_at }, family)),
    });
  }
  rows.push(calledRow({ ...child, started_at: task.created_at, ended_at: task.ended_at }, family));
  return rows;
}

interface CalledProcess extends Called {
  definition: string;
  definition_title: string;
  state: string;
  open_incidents: number;
  incidents_below?: number;
}

function calledRow(called: CalledProcess, family: Family): TreeNode {
  const live = family.opened.get(called.id);
  const children = live ? rowsOf(rootKey, { byScope: scopesOf(live, inOrder(live.tasks, () => 0)), family, of: called.id, tasks: live.tasks, undoing: undoingOf(Object.values(live.tasks)) }) : [];
  const known = live?.process ?? called;
  return {
    key: `called:${called.id}`, kind: 'called', label: called.definition_title || called.definition, state: known.state, node: undefined, task: undefined, children,
    runs: 0, failed: known.open_incidents + (known.incidents_below ?? 0), of: called.id,
    called: { id: called.id, started_at: live?.process.started_at ?? called.started_at, ended_at: live?.process.ended_at ?? called.ended_at },
  };
}

/** Most called processes whose rows are open by themselves: those that are under way, or in which something is wrong. */
const openedAtMost = 5;

function openSome(nodes: readonly TreeNode[], open: { left: number }): void {
  for (const node of nodes) {
    if (node.kind === 'called' && (node.failed > 0 || !hasEnded(node)) && open.left > 0) {
      node.opens = true;
      open.left--;
    }
    openSome(node.children, open);
  }
}

/** The called processes that are to be loaded, because their rows are open; and the tasks whose earlier ones are asked for. */
export function asked(root: TreeNode, toggled: ReadonlySet<string>): { opened: string[]; earlier: string[] } {
  const opened: string[] = [];
  const earlier: string[] = [];
  const visit = (node: TreeNode): void => {
    if (node.kind === 'called' && node.called !== undefined) {
      if (openByDefault(node) !== toggled.has(node.key)) opened.push(node.called.id);
    }
    if (node.kind === 'earlier' && node.task !== undefined && toggled.has(node.key)) earlier.push(node.task.id);
    node.children.forEach(visit);
  };
  visit(root);
  return { opened, earlier };
}

/** What is under way inside of a step is shown; what is over is folded. */
function openByDefault(node: TreeNode): boolean {
  if (node.kind === 'earlier') return false;
  if (node.kind === 'called') return node.opens === true;
  return node.kind === 'process' || node.failed > 0 || (node.task !== undefined && !taskHasEnded(node.task));
}

/** Steps that nothing has come to yet and something still can: the road ahead, greyed. */
function pendingRows(
  live: LiveProcess,
  document: GraphDocument,
  ranks: ReadonlyMap<string, number>,
  come: ReadonlySet<string>,
): TreeNode[] {
  const open = Object.values(live.tasks).filter((task) => !taskHasEnded(task)).map((task) => planHost(task.node_id));
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
    // What was called is loaded when its row is opened.
    const lazy = node.kind === 'called' || node.kind === 'earlier';
    const expanded = filtering ? children.length > 0 : (children.length > 0 || lazy) && openByDefault(node) !== view.toggled.has(node.key);
    rows.push({ node, level, parent, expandable: node.children.length > 0 || lazy, expanded, position, siblings });
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
      (!view.errorsOnly || badStates.has(node.state) || (node.kind === 'called' && node.failed > 0));
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
