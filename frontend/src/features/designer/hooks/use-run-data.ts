// What the last process of the definition had, for the expressions of one step: its input, and the outputs that they read.

import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, take } from '@/shared/api/client';
import type { Process, TaskSummary } from '@/shared/api/types';
import { tasksReadBy } from '@/shared/graph/expression';
import { upstream } from '@/shared/graph/query';
import type { Json, Value } from '@/shared/graph/types';

import { usePins } from '../trial/trial-api';
import { useDocument, useSession } from './designer-context';

export interface RunContext {
  input: Json;
  tasks: Record<string, Json>;
  process: Record<string, Json>;
}

interface RunData {
  loading: boolean;
  process: Process | undefined;
  /** Undefined while something that is read was never there. */
  context: RunContext | undefined;
}

interface LastRun {
  process: Process;
  tasks: TaskSummary[];
}

/** The newest process of the definition with the tasks that ended in it. */
export function useLastRun(definition: string, enabled: boolean) {
  return useQuery({
    queryKey: ['designer', 'last-run', definition],
    enabled,
    staleTime: 30_000,
    retry: false,
    queryFn: async ({ signal }): Promise<LastRun | null> => {
      const found = await take(api.GET('/processes', { params: { query: { definition, tests: 'any', limit: 1 } }, signal }));
      const [newest] = found.items;
      if (newest === undefined) return null;
      const [process, tasks] = await Promise.all([
        take(api.GET('/processes/{id}', { params: { path: { id: newest.id } }, signal })),
        take(api.GET('/processes/{id}/tasks', { params: { path: { id: newest.id }, query: { limit: 200 } }, signal })),
      ]);
      return { process, tasks: tasks.items };
    },
  });
}

/** The data of the last run that a value at a node reads. What is pinned comes before what a step gave. */
export function useRunData(node: string, value: Value, enabled: boolean): RunData {
  const { definition } = useSession();
  const doc = useDocument();
  const run = useLastRun(definition, enabled);
  const read = enabled ? tasksReadBy(value) : [];
  const before = upstream(doc, node);
  const pins = usePins(definition);
  const outputs = useOutputs(run.data ?? undefined, read.filter((name) => before.has(name)));
  const complete = run.data != null && read.every((name) => outputs[name] !== undefined || pins[name] !== undefined);
  const last = run.data?.process;
  // What is asked for anew each time is compared by what it says.
  const tasks = JSON.stringify(Object.fromEntries(read.map((name) => [name, pins[name]?.mock.output ?? outputs[name] ?? null])));
  const context = useMemo((): RunContext | undefined => {
    if (!complete || last === undefined) return undefined;
    const process = { id: last.id, custom_id: last.custom_id, definition: last.definition, version: last.version };
    return { input: (last.input ?? {}) as Json, tasks: JSON.parse(tasks) as Record<string, Json>, process };
  }, [complete, last, tasks]);
  return { loading: run.isLoading, process: last, context };
}

/** What the steps of a run gave last. */
export function useOutputs(run: LastRun | undefined, nodes: readonly string[]): Readonly<Record<string, Json>> {
  const answers = useQueries({
    queries: nodes.map((name) => {
      const task = run?.tasks.filter((each) => each.node_id === name && each.state === 'completed').at(-1);
      return {
        queryKey: ['designer', 'output', run?.process.id, task?.id],
        enabled: task !== undefined,
        staleTime: Infinity,
        queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Json> => {
          const path = { id: run?.process.id ?? '', task_id: task?.id ?? '' };
          return ((await take(api.GET('/processes/{id}/tasks/{task_id}', { params: { path }, signal }))).output ?? null);
        },
      };
    }),
  });
  return Object.fromEntries(nodes.flatMap((name, index): [string, Json][] => {
    const output = answers[index]?.data;
    return output === undefined ? [] : [[name, output]];
  }));
}
