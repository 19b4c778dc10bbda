// What a process that someone looks at is read from.

import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Process, ProcessGraph, TaskSummary } from '@/shared/api/types';

import { reduceLive, type LiveProcess } from './live-process';

export const processKey = (id: string) => ['process', id] as const;
export const liveKey = (id: string) => ['process', id, 'live'] as const;
export const taskKey = (id: string, task: string) => ['process', id, 'task', task] as const;

const taskPageSize = 500;
/** A tree of more rows than this is not read by people; the server's search is. */
const taskPagesAtMost = 20;

const at = (id: string) => ({ path: { id } });
const atTask = (id: string, task: string) => ({ path: { id, task_id: task } });

export async function fetchProcess(id: string, signal?: AbortSignal): Promise<Process> {
  return take(api.GET('/processes/{id}', { params: at(id), signal }));
}

export async function fetchTasks(id: string, signal?: AbortSignal): Promise<TaskSummary[]> {
  const tasks: TaskSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < taskPagesAtMost; page++) {
    const query = { limit: taskPageSize, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await take(api.GET('/processes/{id}/tasks', { params: { ...at(id), query }, signal }));
    tasks.push(...answer.items);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  return tasks;
}

/** Header first, tasks after: tasks may then be newer than the sequence, never older. */
export async function fetchLive(id: string, signal?: AbortSignal): Promise<LiveProcess> {
  const process = await fetchProcess(id, signal);
  const live = reduceLive(undefined, { type: 'loaded', process, tasks: await fetchTasks(id, signal) });
  if (!live) throw new Error(`process ${id} has no state`);
  return live;
}

export const processQuery = (id: string) =>
  queryOptions({
    queryKey: [...processKey(id), 'header'],
    queryFn: ({ signal }) => fetchProcess(id, signal),
  });

export const liveQuery = (id: string) =>
  queryOptions({
    queryKey: liveKey(id),
    queryFn: ({ signal }) => fetchLive(id, signal),
    // From here on the websocket keeps it true.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

/** A version never changes; the page asks again when the process moves to another one. */
export const graphQuery = (id: string) =>
  queryOptions({
    queryKey: [...processKey(id), 'graph'],
    queryFn: async ({ signal }): Promise<ProcessGraph> => {
      const graph = await take(api.GET('/processes/{id}/graph', { params: at(id), signal }));
      return graph as ProcessGraph;
    },
    staleTime: Infinity,
  });

export function fetchTask(id: string, task: string, signal?: AbortSignal) {
  return take(api.GET('/processes/{id}/tasks/{task_id}', { params: atTask(id, task), signal }));
}

export const taskQuery = (id: string, task: string) =>
  queryOptions({
    queryKey: taskKey(id, task),
    queryFn: ({ signal }) => fetchTask(id, task, signal),
    staleTime: 30_000,
  });
