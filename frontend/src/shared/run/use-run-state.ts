import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { createRunState, type NodeRun, type RunStateStore } from '@/shared/canvas/run-state';
import type { GraphDocument } from '@/shared/graph/types';

import type { LiveProcess } from './live-process';
import { toRunState } from './to-run-state';

/** Nodes that did not change keep their object, so their cards are not drawn again. */
export function keepEqual(known: Readonly<Record<string, NodeRun>>, next: Readonly<Record<string, NodeRun>>): Record<string, NodeRun> {
  return Object.fromEntries(
    Object.entries(next).map(([id, run]) => {
      const old = known[id];
      return [id, old && JSON.stringify(old) === JSON.stringify(run) ? old : run];
    }),
  );
}

/** The store that the canvas reads. */
export function useRunState(live: LiveProcess, document: GraphDocument, stale: boolean): RunStateStore {
  const { t } = useTranslation('process');
  const [store] = useState(() => createRunState(toRunState(live, document, stale, t)));
  useEffect(() => {
    const next = toRunState(live, document, stale, t);
    store.setState({ ...next, nodes: keepEqual(store.getState().nodes, next.nodes) });
  }, [store, live, document, stale, t]);
  return store;
}
