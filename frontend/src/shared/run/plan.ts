// Plans: a worker answers with tasks, which run inside of its own. Their node ids begin with that of the planning step: decide/fetch.

import type { Process } from '@/shared/api/types';
import type { RunNodeState } from '@/shared/canvas/run-state';

const SEPARATOR = '/';

/** The step of the graph that a task belongs to: of a task of a plan, the one that planned. */
export function planHost(node: string): string {
  return node.split(SEPARATOR, 1)[0] ?? node;
}

const ended: ReadonlySet<string> = new Set<RunNodeState>(['completed', 'skipped', 'failed', 'cancelled']);

export interface PlanCounts {
  counts: Partial<Record<RunNodeState, number>>;
  ended: number;
  open: number;
}

/** How many tasks of a step's plans, and of the plans within them, are in each state; undefined when it has planned nothing. */
export function planCounts(nodes: Process['nodes'], host: string): PlanCounts | undefined {
  const sum: PlanCounts = { counts: {}, ended: 0, open: 0 };
  for (const [id, { last_run: _, ...counts }] of Object.entries(nodes)) {
    if (!id.startsWith(host + SEPARATOR)) continue;
    for (const [name, count] of Object.entries(counts)) {
      const state = name as RunNodeState;
      sum.counts[state] = (sum.counts[state] ?? 0) + count;
      if (ended.has(state)) sum.ended += count;
      else sum.open += count;
    }
  }
  return sum.ended + sum.open === 0 ? undefined : sum;
}
