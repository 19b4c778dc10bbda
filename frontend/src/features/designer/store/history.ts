// Undo and redo: one step per intent, each with a label; typing into one field while it has the focus is one step.

import type { CanvasSelection } from '@/shared/canvas/canvas-context';
import type { GraphDocument } from '@/shared/graph/types';

/** What a step did, as a key of the texts and what stands in it. */
export interface Label {
  key: string;
  params?: Record<string, string | number>;
}

export interface Snapshot {
  doc: GraphDocument;
  selection: CanvasSelection;
}

export interface Step {
  label: Label;
  before: Snapshot;
  after: Snapshot;
}

export interface History {
  past: readonly Step[];
  future: readonly Step[];
  /** The name of the typing that the last step belongs to, until its field loses the focus. */
  open: string | undefined;
}

export const MAX_STEPS = 200;

export const EMPTY_HISTORY: History = { past: [], future: [], open: undefined };

/** Records a step; one that continues the open typing grows the last step instead. */
export function record(history: History, step: Step, typing?: string): History {
  const last = history.past.at(-1);
  if (typing !== undefined && typing === history.open && last !== undefined) {
    return { past: [...history.past.slice(0, -1), { ...last, after: step.after }], future: [], open: typing };
  }
  return { past: [...history.past, step].slice(-MAX_STEPS), future: [], open: typing };
}

export function close(history: History): History {
  return history.open === undefined ? history : { ...history, open: undefined };
}

export function undo(history: History): { history: History; step: Step } | undefined {
  const step = history.past.at(-1);
  if (step === undefined) return undefined;
  return { history: { past: history.past.slice(0, -1), future: [step, ...history.future], open: undefined }, step };
}

export function redo(history: History): { history: History; step: Step } | undefined {
  const [step, ...future] = history.future;
  if (step === undefined) return undefined;
  return { history: { past: [...history.past, step], future, open: undefined }, step };
}
