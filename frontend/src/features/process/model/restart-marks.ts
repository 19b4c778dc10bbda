// What a planned restart does to each node, for the preview.

import type { Fate } from '@/shared/canvas/plan-marks';

interface NodeTotal {
  node: string;
}

interface RestartPlan {
  cancelled: readonly NodeTotal[];
  hidden: readonly NodeTotal[];
  ahead: readonly string[];
}

/** Stopping is said before forgetting, forgetting before what may come; where it begins is said first of all. */
export function restartMarks(plan: RestartPlan, node: string): Record<string, Fate> {
  const marks: Record<string, Fate> = {};
  for (const id of plan.ahead) marks[id] = 'ahead';
  for (const { node: id } of plan.hidden) marks[id] = 'forgotten';
  for (const { node: id } of plan.cancelled) marks[id] = 'stopped';
  marks[node] = 'begins';
  return marks;
}
