// Which flows pulse, worked out once per change of the run and told only to the edges concerned.

import { useEffect, useState } from 'react';
import { createStore, type StoreApi } from 'zustand/vanilla';

import type { GraphDocument } from '../graph/types';
import { pulsingEdges, type RunStateStore } from './run-state';

export type PulseStore = StoreApi<{ edges: ReadonlySet<string> }>;

export function usePulses(graph: GraphDocument, runState: RunStateStore): PulseStore {
  const [store] = useState<PulseStore>(() => createStore(() => ({ edges: new Set<string>() })));
  useEffect(() => {
    const update = (): void => {
      const next = pulsingEdges(graph, runState.getState());
      const { edges } = store.getState();
      if (next.length !== edges.size || next.some((id) => !edges.has(id))) store.setState({ edges: new Set(next) });
    };
    update();
    return runState.subscribe(update);
  }, [graph, runState, store]);
  return store;
}
