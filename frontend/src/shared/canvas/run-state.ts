// What is known of a running process, kept outside the graph so that a change redraws only the cards it touches.

import { createStore, type StoreApi } from 'zustand/vanilla';

import type { GraphDocument } from '../graph/types';

export type Tone = 'idle' | 'active' | 'wait' | 'ok' | 'bad';

export type RunNodeState =
  | 'waiting'
  | 'ready'
  | 'queued'
  | 'running'
  | 'retrying'
  | 'incident'
  | 'completed'
  | 'failed'
  | 'skipped'
  | 'cancelled';

export interface NodeRun {
  /** The state that the card shows, the most urgent one of its tasks. */
  state: RunNodeState;
  /** How many tasks of the node are in each state. */
  counts?: Readonly<Partial<Record<RunNodeState, number>>>;
  /** Attempt and total number of attempts of the task that is shown. */
  attempt?: number;
  maxAttempts?: number;
  /** How many runs of the node have been undone. */
  undone?: number;
  /** 0 to 100. */
  progress?: number;
  /** Replaces the card's second line: "waiting for the bus, 62 %". */
  subtitle?: string;
}

export interface RunState {
  nodes: Readonly<Record<string, NodeRun>>;
  takenEdges: ReadonlySet<string>;
  /** Nodes that give a pinned output in tests instead of doing what they do. */
  pinned: ReadonlySet<string>;
  /** The connection is gone: nothing may look alive. */
  stale: boolean;
}

export type RunStateStore = StoreApi<RunState>;

export function createRunState(initial?: Partial<RunState>): RunStateStore {
  return createStore<RunState>()(() => ({ nodes: {}, takenEdges: new Set<string>(), pinned: new Set<string>(), stale: false, ...initial }));
}

/** The store of a canvas that shows no process. */
export const NO_RUN: RunStateStore = createRunState();

const TONES: Readonly<Record<RunNodeState, Tone>> = {
  waiting: 'wait',
  ready: 'idle',
  queued: 'idle',
  running: 'active',
  retrying: 'active',
  incident: 'bad',
  completed: 'ok',
  failed: 'bad',
  skipped: 'idle',
  cancelled: 'idle',
};

export function toneOf(state: RunNodeState): Tone {
  return TONES[state];
}

export const MAX_PULSES = 12;

/** The flows that show movement: taken ones that lead into a node that works now, twelve at most. */
export function pulsingEdges(graph: GraphDocument, run: Omit<RunState, 'pinned'>): string[] {
  const ids: string[] = [];
  if (run.stale) return ids;
  for (const edge of graph.edges) {
    if (ids.length === MAX_PULSES) break;
    const state = run.nodes[edge.to]?.state;
    if ((state === 'running' || state === 'retrying') && run.takenEdges.has(edge.id)) ids.push(edge.id);
  }
  return ids;
}
