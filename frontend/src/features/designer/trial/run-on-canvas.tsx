// Keeps what the canvas shows of a run true while the run is looked at, and takes it away afterwards.

import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { NodeRun } from '@/shared/canvas/run-state';
import { formatDuration } from '@/shared/format/duration';
import { taskOfNode, type LiveProcess } from '@/shared/run/live-process';
import { toRunState } from '@/shared/run/to-run-state';
import { useLiveProcess } from '@/shared/run/use-live-process';
import { keepEqual } from '@/shared/run/use-run-state';

import { useDocument, useSession } from '../hooks/designer-context';
import { useMocked, usePins } from './trial-api';
import { useShownRun, useTrial } from './trial-context';

export function RunOnCanvas() {
  const shown = useShownRun();
  const { runState } = useTrial();
  const { definition } = useSession();
  const pinned = Object.keys(usePins(definition)).join(' ');
  useEffect(() => {
    runState.setState({ pinned: new Set(pinned === '' ? [] : pinned.split(' ')) });
  }, [runState, pinned]);
  return shown === undefined ? null : <Shown key={shown} id={shown} />;
}

function Shown({ id }: { id: string }) {
  const { runState } = useTrial();
  const { t, i18n } = useTranslation('process');
  const doc = useDocument();
  const { definition } = useSession();
  const live = useLiveProcess(id).data;
  const mocked = useMocked(definition, live?.process.version);
  const language = i18n.language;
  useEffect(() => {
    if (live === undefined) return;
    const next = toRunState(live, doc, false, t);
    const nodes = Object.fromEntries(
      Object.entries(next.nodes).map(([node, run]) => [
        node,
        mocked.includes(node) && run.state === 'completed' ? { ...run, subtitle: t('trial:mock.pretended') } : withTime(run, live, node, (ms) => formatDuration(ms, t, language)),
      ]),
    );
    runState.setState({ nodes: keepEqual(runState.getState().nodes, nodes), takenEdges: next.takenEdges });
  }, [runState, live, doc, mocked, t, language]);
  useEffect(
    () => () => {
      runState.setState({ nodes: {}, takenEdges: new Set() });
    },
    [runState],
  );
  return null;
}

/** A step that is done says how long it took. */
function withTime(run: NodeRun, live: LiveProcess, node: string, format: (ms: number) => string): NodeRun {
  const took = taskOfNode(live.tasks, node)?.run_ms;
  return run.state === 'completed' && run.subtitle === undefined && took !== undefined ? { ...run, subtitle: format(took) } : run;
}
