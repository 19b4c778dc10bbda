// Which run the canvas shows. Gone with the page; the last test is found again by the server.

import { createContext, use } from 'react';
import { useStore } from 'zustand';
import { createStore, type StoreApi } from 'zustand/vanilla';

import { createRunState, type RunStateStore } from '@/shared/canvas/run-state';

export interface TrialState {
  /** Id of the process that the canvas shows. */
  shown: string | undefined;
}

export interface Trial {
  store: StoreApi<TrialState>;
  /** What the canvas reads. */
  runState: RunStateStore;
}

export function createTrial(): Trial {
  return { store: createStore<TrialState>()(() => ({ shown: undefined })), runState: createRunState() };
}

export const TrialContext = createContext<Trial | undefined>(undefined);

export function useTrial(): Trial {
  const trial = use(TrialContext);
  if (trial === undefined) throw new Error('a test run is asked for outside of the designer');
  return trial;
}

export function useShownRun(): string | undefined {
  return useStore(useTrial().store, (state) => state.shown);
}
