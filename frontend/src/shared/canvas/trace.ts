// A path that is shown step by step: which flows were taken, which one is being taken, where tokens wait and where none comes.

import { createStore, type StoreApi } from 'zustand/vanilla';

export type TraceMark = 'taken' | 'now' | 'waits' | 'missing';

export interface Trace {
  edges: Readonly<Record<string, TraceMark>>;
  /** How often each flow has been taken up to here, when it was more than once. */
  counts: Readonly<Record<string, number>>;
  /** What the path leads to. */
  node: string | undefined;
}

export type TraceStore = StoreApi<Trace>;

export const NO_TRACE: Trace = { edges: {}, counts: {}, node: undefined };

export function createTraceStore(trace: Trace = NO_TRACE): TraceStore {
  return createStore<Trace>()(() => trace);
}
