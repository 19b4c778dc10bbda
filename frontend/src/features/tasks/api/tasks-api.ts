import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { JsonObject, UserTaskSummary } from '@/shared/api/types';

import type { TasksSearch } from '../model/search';

/** The tasks that the caller may do. Others take and finish them too, so the list is asked for again and again. */
export function tasksQuery({ mine, q }: TasksSearch) {
  return infiniteQueryOptions({
    queryKey: ['user-tasks', 'list', mine ?? false, q ?? ''],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/user-tasks', {
          params: {
            query: {
              limit: 50, ...(mine ? { mine } : {}), ...(q === undefined ? {} : { custom_id_prefix: q }),
              ...(pageParam === '' ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: 4_000,
  });
}

export interface TaskKey {
  process: string;
  task: string;
}

export function keyOf(address: string | undefined): TaskKey | undefined {
  const [process, task] = (address ?? '').split('/');
  return process && task ? { process, task } : undefined;
}

export const addressOf = (task: Pick<UserTaskSummary, 'process_id' | 'task_id'>) => `${task.process_id}/${task.task_id}`;

const at = (key: TaskKey) => ({ path: { process_id: key.process, task_id: key.task } });

export const taskQuery = (key: TaskKey) =>
  queryOptions({
    queryKey: ['user-tasks', key.process, key.task],
    queryFn: ({ signal }) => take(api.GET('/user-tasks/{process_id}/{task_id}', { params: at(key), signal })),
    refetchInterval: 10_000,
    retry: false,
  });

export const userTasks = {
  claim: (key: TaskKey) => take(api.POST('/user-tasks/{process_id}/{task_id}/claim', { params: at(key) })),
  release: (key: TaskKey) => take(api.POST('/user-tasks/{process_id}/{task_id}/release', { params: at(key) })),
  complete: (key: TaskKey, output: JsonObject) =>
    take(api.POST('/user-tasks/{process_id}/{task_id}/complete', { params: at(key), body: { output } })),
};
