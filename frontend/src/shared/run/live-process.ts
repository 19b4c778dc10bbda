// What is known of a process that someone looks at, and the one reducer through which every live event reaches it.
import type { Process, TaskSummary } from '@/shared/api/types';
import type { BatchMessage, SnapshotMessage } from '@/shared/live/messages';

export interface LiveProcess {
  process: Process;
  tasks: Readonly<Record<string, TaskSummary>>;
  /** Sequence of the last event that is in here; a resume asks for what came after it. */
  seq: number;
  /** The sequence at which a live event last said something of a task: what HTTP answered earlier is older. */
  heard: Readonly<Record<string, number>>;
  /** The server dropped events of ours: what is shown may have holes until the next snapshot. */
  resyncing: boolean;
}

export type LiveEvent =
  | { type: 'loaded'; process: Process; tasks: readonly TaskSummary[] }
  | { type: 'header'; process: Process }
  | { type: 'page'; tasks: readonly TaskSummary[]; askedAt: number }
  | Pick<SnapshotMessage, 'type' | 'process' | 'tasks' | 'seq'>
  | Pick<BatchMessage, 'type' | 'seq' | 'process' | 'tasks'>
  | { type: 'resync' };

function byId(tasks: readonly TaskSummary[]): Record<string, TaskSummary> {
  return Object.fromEntries(tasks.map((task) => [task.id, task]));
}

/** Events may come twice or late: an older one never overwrites a newer one. */
export function reduceLive(state: LiveProcess | undefined, event: LiveEvent): LiveProcess | undefined {
  switch (event.type) {
    case 'loaded':
      return { process: event.process, tasks: byId(event.tasks), seq: event.process.seq, heard: {}, resyncing: false };
    case 'snapshot':
      return {
        process: { ...event.process, seq: event.seq }, tasks: byId(event.tasks), seq: event.seq, heard: {}, resyncing: false,
      };
    case 'header':
      return state && applyHeader(state, event.process);
    case 'page':
      return state && applyPage(state, event.tasks, event.askedAt);
    case 'batch':
      return state && applyBatch(state, event);
    case 'resync':
      return state && { ...state, resyncing: true };
  }
}

/** The header as HTTP gives it, with payloads and permissions that batches don't carry. */
function applyHeader(state: LiveProcess, process: Process): LiveProcess {
  if (process.seq >= state.seq) {
    return { ...state, process: { ...process, seq: state.seq } };
  }
  const { input, output } = process;
  return { ...state, process: { ...state.process, input, output } };
}

function applyPage(state: LiveProcess, page: readonly TaskSummary[], askedAt: number): LiveProcess {
  const tasks = { ...state.tasks };
  for (const task of page) {
    if ((state.heard[task.id] ?? 0) > askedAt) continue;
    tasks[task.id] = task;
  }
  return { ...state, tasks };
}

function applyBatch(state: LiveProcess, event: Pick<BatchMessage, 'seq' | 'process' | 'tasks'>): LiveProcess {
  // An equal sequence is the answer to a resume: what it says is as new as what we have.
  if (event.seq < state.seq) return state;
  const tasks = { ...state.tasks };
  const heard = { ...state.heard };
  for (const task of event.tasks) {
    const known = tasks[task.id];
    if (known && known.epoch > task.epoch) continue;
    tasks[task.id] = task;
    heard[task.id] = event.seq;
  }
  return {
    ...state, tasks, heard, seq: event.seq, process: { ...state.process, ...event.process, seq: event.seq },
  };
}

const terminal: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

export function hasEnded(process: { state: string }): boolean {
  return terminal.has(process.state);
}

const terminalTasks: ReadonlySet<string> = new Set(['completed', 'failed', 'skipped', 'cancelled']);

export function taskHasEnded(task: { state: string }): boolean {
  return terminalTasks.has(task.state);
}

/** When a task came to rest: its end, or the failure that it waits with for a person. */
export function settledAt(task: TaskSummary): string | undefined {
  if (task.ended_at !== undefined || task.state !== 'incident') return task.ended_at;
  if (task.started_at === undefined || task.run_ms === undefined) return task.started_at;
  return new Date(Date.parse(task.started_at) + task.run_ms).toISOString();
}

/** In the order of what happened. */
export function inOrder(tasks: Readonly<Record<string, TaskSummary>>, rank: (node: string) => number): TaskSummary[] {
  return Object.values(tasks).sort(
    (a, b) =>
      Date.parse(a.created_at) - Date.parse(b.created_at) || rank(a.node_id) - rank(b.node_id) || a.run - b.run ||
      a.node_id.localeCompare(b.node_id, undefined, { numeric: true }),
  );
}

/** The task that stands for its node: what needs a person first, then what moves, then the latest. */
export function taskOfNode(tasks: Readonly<Record<string, TaskSummary>>, node: string): TaskSummary | undefined {
  const own = Object.values(tasks).filter((task) => task.node_id === node);
  return (
    own.find((task) => task.state === 'incident') ??
    own.find((task) => !taskHasEnded(task)) ??
    own.reduce<TaskSummary | undefined>((last, task) => (!last || task.run > last.run ? task : last), undefined)
  );
}
