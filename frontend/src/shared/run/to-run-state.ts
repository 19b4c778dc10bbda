// What the canvas shows of the process, node by node, out of the tasks and the taken flows.
import type { TFunction } from 'i18next';

import type { TaskSummary } from '@/shared/api/types';
import type { NodeRun, RunNodeState, RunState } from '@/shared/canvas/run-state';
import type { GraphDocument, GraphNode } from '@/shared/graph/types';

import { hasEnded, taskOfNode, type LiveProcess } from './live-process';
import { planCounts } from './plan';

export function toRunState(live: LiveProcess, document: GraphDocument, stale: boolean, t: TFunction): Omit<RunState, 'pinned'> {
  const taken = new Set(live.process.taken_edges);
  const nodes: Record<string, NodeRun> = {};
  for (const node of document.nodes) {
    const task = taskOfNode(live.tasks, node.id);
    const run = task ? runOfTask(live, task, t) : runOfPassage(document, node, taken, hasEnded(live.process));
    if (run) nodes[node.id] = run;
  }
  return { nodes, takenEdges: taken, stale };
}

function runOfTask(live: LiveProcess, task: TaskSummary, t: TFunction): NodeRun {
  const run: NodeRun = { state: task.state, counts: countsOf(live, task) };
  const undone = undoneOf(live, task.node_id);
  if (undone > 0) run.undone = undone;
  if (task.max_attempts > 1) {
    run.attempt = task.attempt;
    run.maxAttempts = task.max_attempts;
  }
  if (task.progress && task.state === 'running') run.progress = task.progress.percent;
  const subtitle = subtitleOf(task, t);
  if (subtitle) run.subtitle = subtitle;
  const plan = task.state === 'running' ? planCounts(live.process.nodes, task.node_id) : undefined;
  if (plan !== undefined) {
    run.counts = plan.counts;
    run.subtitle = t('process:card.plan', { ended: plan.ended, open: plan.open });
    if (plan.counts.incident) run.state = 'incident';
    delete run.attempt;
    delete run.maxAttempts;
  }
  return run;
}

/** What is loaded may be newer than the server's count, and less than all. */
function undoneOf(live: LiveProcess, node: string): number {
  const seen = Object.values(live.tasks).filter((each) => isUndone(each) && live.tasks[each.undoes ?? '']?.node_id === node).length;
  return Math.max(seen, live.process.nodes[node]?.undone ?? 0);
}

/** Whether a task has undone another. */
function isUndone(task: TaskSummary): boolean {
  return task.undoes !== undefined && (task.state === 'completed' || task.state === 'skipped');
}

/** The server counts states per node and says beside them which run was the last. */
function countsOf(live: LiveProcess, task: TaskSummary): Partial<Record<RunNodeState, number>> {
  const { last_run: _, undone: __, ...counts } = live.process.nodes[task.node_id] ?? { [task.state]: 1 };
  return counts;
}

function subtitleOf(task: TaskSummary, t: TFunction): string | undefined {
  switch (task.state) {
    case 'incident':
    case 'retrying':
    case 'failed':
      if (!task.error) return undefined;
      return task.attempt > 1 ? t('process:card.after', { code: task.error.code, count: task.attempt }) : task.error.code;
    case 'running':
      if (!task.progress) return undefined;
      return [task.progress.text, `${task.progress.percent} %`].filter(Boolean).join(', ');
    default:
      return undefined;
  }
}

/** Gateways and events have no tasks of their own: the flows around them tell what happened there. */
function runOfPassage(
  document: GraphDocument,
  { id, kind, parent }: GraphNode,
  taken: ReadonlySet<string>,
  ended: boolean,
): NodeRun | undefined {
  // A sub-process has begun once a flow has left its start.
  let cameIn = kind === 'start_event' && parent === undefined;
  let wentOut = kind === 'end_event';
  for (const edge of document.edges) {
    if (!taken.has(edge.id)) continue;
    if (edge.to === id) cameIn = true;
    if (edge.from === id) wentOut = true;
  }
  if (kind === 'start_event' && wentOut) cameIn = true;
  if (kind === 'boundary_event') return wentOut ? { state: 'completed' } : undefined;
  if (!cameIn) return undefined;
  if (wentOut) return { state: 'completed' };
  const state: RunNodeState = 'waiting';
  return ended ? undefined : { state };
}
