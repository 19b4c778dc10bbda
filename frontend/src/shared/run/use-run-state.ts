import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { createRunState, type RunStateStore } from '@/shared/canvas/run-state';
import type { GraphDocument } from '@/shared/graph/types';

import type { LiveProcess } from './live-process';
import { toRunState } from './to-run-state';

/** The store that the canvas reads; nodes that did not change keep their object, so their cards are not drawn again. */
export function useRunState(live: LiveProcess, document: GraphDocument, stale: boolean): RunStateStore {
  const { t } = useTranslation('process');
  const [store] = useState(() => createRunState(toRunState(live, document, stale, t)));
  useEffect(() => {
    const next = toRunState(live, document, stale, t);
    const known = store.getState().nodes;
    const nodes = Object.fromEntries(
      Object.entries(next.nodes).map(([id, run]) => {
        const old = known[id];
        return [id, old && JSON.stringify(old) === JSON.stringify(run) ? old : run];
      }),
    );
    store.setState({ ...next, nodes });
  }, [store, live, document, stale, t]);
  return store;
}
