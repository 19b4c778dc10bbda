import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useEffect, useRef } from 'react';

import { taskOfNode, type LiveProcess } from '@/shared/run/live-process';
import { planHost } from '@/shared/run/plan';

import type { DockTab } from '../model/view-state';

const route = getRouteApi('/processes/$processId');

export interface Selection {
  /** The called process that is selected, or whose task is; undefined: the process of the page. */
  process: string | undefined;
  /** The selected task's id. */
  task: string | undefined;
  /** The selected node: the task's, or one that nothing has come to yet. */
  node: string | undefined;
  attempt: number | undefined;
  tab: DockTab;
  errorsOnly: boolean;
  selectTask: (task: string | undefined) => void;
  selectNode: (node: string | undefined) => void;
  selectCalled: (process: string, task?: string) => void;
  selectAttempt: (attempt: number | undefined) => void;
  selectTab: (tab: DockTab) => void;
  setErrorsOnly: (on: boolean) => void;
}

/** One selection for tree, graph, timeline and details; it lives in the URL. */
export function useSelection(live: LiveProcess): Selection {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const process = search.of;
  const own = search.task !== undefined && search.task in live.tasks ? search.task : undefined;
  const task = process === undefined ? own : search.task;
  // Of a called process the graph shows the call.
  const call = process === undefined ? undefined : Object.values(live.tasks).find((each) => each.child?.id === process);
  const shown = process === undefined ? ((own === undefined ? undefined : live.tasks[own]?.node_id) ?? search.node) : call?.node_id;
  const node = shown === undefined ? undefined : planHost(shown);

  const selectTask = useCallback(
    (next: string | undefined) =>
      void navigate({
        search: (old) => ({ ...old, of: undefined, task: next, node: undefined, attempt: undefined }), replace: true,
      }),
    [navigate],
  );
  const { tasks } = live;
  const selectNode = useCallback(
    (next: string | undefined) => {
      const own = next === undefined ? undefined : taskOfNode(tasks, next);
      void navigate({
        search: (old) => ({ ...old, of: undefined, task: own?.id, node: own ? undefined : next, attempt: undefined }), replace: true,
      });
    },
    [navigate, tasks],
  );
  const selectCalled = useCallback(
    (of: string, next?: string) =>
      void navigate({ search: (old) => ({ ...old, of, task: next, node: undefined, attempt: undefined }), replace: true }),
    [navigate],
  );
  const selectAttempt = useCallback(
    (attempt: number | undefined) => void navigate({ search: (old) => ({ ...old, attempt }), replace: true }),
    [navigate],
  );
  const selectTab = useCallback(
    (tab: DockTab) =>
      void navigate({ search: (old) => ({ ...old, tab: tab === 'timeline' ? undefined : tab }), replace: true }),
    [navigate],
  );
  const setErrorsOnly = useCallback(
    (on: boolean) => void navigate({ search: (old) => ({ ...old, errors: on || undefined }), replace: true }),
    [navigate],
  );

  // The page opens on the failure, when the link names nothing else.
  const opened = useRef(false);
  useEffect(() => {
    if (opened.current) return;
    opened.current = true;
    if (search.task !== undefined || search.node !== undefined || search.of !== undefined) return;
    const broken = Object.values(tasks).find((candidate) => candidate.state === 'incident');
    if (broken) selectTask(broken.id);
  }, [search.task, search.node, search.of, tasks, selectTask]);

  return {
    process, task, node, attempt: search.attempt, tab: search.tab ?? 'timeline', errorsOnly: search.errors ?? false,
    selectTask, selectNode, selectCalled, selectAttempt, selectTab, setErrorsOnly,
  };
}
