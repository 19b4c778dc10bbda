// Evaluates a value on what the last process of the definition had.

import { useQueries, useQuery } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Process, TaskSummary } from '@/shared/api/types';
import { tasksReadBy, valueMode } from '@/shared/graph/expression';
import { upstream } from '@/shared/graph/query';
import type { Json, Value } from '@/shared/graph/types';

import { usePins } from '../trial/trial-api';
import { useDocument, useSession } from './designer-context';

export type PreviewState =
  | { state: 'none' }
  | { state: 'no_data' }
  | { state: 'error'; message: string }
  | { state: 'result'; result: Json | undefined };

interface LastRun {
  process: Process;
  tasks: TaskSummary[];
}

/** The newest process of the definition with the tasks that ended in it. */
function useLastRun(definition: string, enabled: boolean) {
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

export function usePreview(node: string, value: Value): PreviewState {
  const { definition } = useSession();
  const doc = useDocument();
  const dynamic = typeof value === 'string' && valueMode(value) !== 'literal' && value !== '=';
  const run = useLastRun(definition, dynamic);
  const read = dynamic ? tasksReadBy(value) : [];
  const before = upstream(doc, node);
  const pins = usePins(definition);
  const outputs = useQueries({
    queries: read.map((name) => {
      const task = run.data?.tasks.filter((each) => each.node_id === name && each.state === 'completed').at(-1);
      return {
        queryKey: ['designer', 'output', run.data?.process.id, task?.id],
        enabled: task !== undefined && before.has(name),
        staleTime: Infinity,
        queryFn: async ({ signal }: { signal: AbortSignal }) => {
          const path = { id: run.data?.process.id ?? '', task_id: task?.id ?? '' };
          return (await take(api.GET('/processes/{id}/tasks/{task_id}', { params: { path }, signal }))).output ?? null;
        },
      };
    }),
  });
  const complete = run.data != null && outputs.every((output, index) => output.data !== undefined || pins[read[index] ?? ''] !== undefined);
  const tasks = Object.fromEntries(read.map((name, index) => [name, pins[name]?.mock.output ?? outputs[index]?.data ?? null]));
  const answer = useQuery({
    queryKey: ['designer', 'preview', run.data?.process.id, value, tasks],
    enabled: dynamic && complete,
    staleTime: 60_000,
    retry: false,
    queryFn: ({ signal }) => {
      const last = run.data?.process;
      const process = { id: last?.id, custom_id: last?.custom_id, definition: last?.definition, version: last?.version };
      return take(api.POST('/expressions/preview', { body: { value, context: { input: last?.input ?? {}, tasks, process } }, signal }));
    },
  });
  if (!dynamic || run.isLoading) return { state: 'none' };
  if (!complete) return { state: 'no_data' };
  if (answer.isError) return { state: 'error', message: answer.error.message };
  if (answer.data === undefined) return { state: 'none' };
  if (answer.data.error !== undefined) return { state: 'error', message: answer.data.error.message };
  return { state: 'result', result: answer.data.result };
}
