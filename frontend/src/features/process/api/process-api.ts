import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { JsonObject } from '@/shared/api/types';
import { processKey } from '@/shared/run/run-api';

const at = (id: string) => ({ path: { id } });
const atTask = (id: string, task: string) => ({ path: { id, task_id: task } });

export const eventsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...processKey(id), 'events'],
    queryFn: ({ signal, pageParam }) =>
      take(api.GET('/processes/{id}/events', { params: { ...at(id), query: { after: pageParam, limit: 200 } }, signal })),
    initialPageParam: 0,
    getNextPageParam: (last) => {
      const seq = last.items.at(-1)?.seq;
      return seq !== undefined && seq < last.head ? seq : undefined;
    },
  });

/** What a call's task has called, oldest first. */
export const calledQuery = (id: string, task: string) =>
  queryOptions({
    queryKey: [...processKey(id), 'called', task],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/processes/{id}/children', { params: { ...at(id), query: { task_id: task, limit: 100 } }, signal }))).items,
  });

export const auditQuery = (id: string) =>
  queryOptions({
    queryKey: [...processKey(id), 'audit'],
    queryFn: ({ signal }) => take(api.GET('/processes/{id}/audit', { params: at(id), signal })),
  });

/** What a restart from a node would do. */
export const restartPlanQuery = (id: string, node: string, scope: string | undefined) =>
  queryOptions({
    queryKey: [...processKey(id), 'restart-plan', node, scope ?? ''],
    queryFn: ({ signal }) =>
      take(api.GET('/processes/{id}/restart-from', {
        params: { ...at(id), query: { node, ...(scope !== undefined && { scope }) } }, signal,
      })),
    // The process goes on meanwhile: a plan is of the moment.
    staleTime: 0,
    refetchInterval: 5_000,
  });

/** Whether a process can go on in another version. */
export const migrationPlanQuery = (id: string, version: number) =>
  queryOptions({
    queryKey: [...processKey(id), 'migration-plan', version],
    queryFn: ({ signal }) => take(api.GET('/processes/{id}/migrate', { params: { ...at(id), query: { version } }, signal })),
    staleTime: 0,
    refetchInterval: 5_000,
  });

export const operate = {
  cancel: (id: string, reason: string) => take(api.POST('/processes/{id}/cancel', { params: at(id), body: { reason } })),
  suspend: (id: string, reason: string) => take(api.POST('/processes/{id}/suspend', { params: at(id), body: { reason } })),
  resume: (id: string, reason: string) => take(api.POST('/processes/{id}/resume', { params: at(id), body: { reason } })),
  delete: (id: string, reason: string) => take(api.POST('/processes/{id}/delete', { params: at(id), body: { reason } })),
  prioritise: (id: string, body: { reason: string; priority: number }) =>
    take(api.POST('/processes/{id}/priority', { params: at(id), body })),
  restart: (id: string, body: { reason: string; input?: JsonObject; custom_id?: string }) =>
    take(api.POST('/processes/{id}/restart', { params: at(id), body })),
  retry: (id: string, task: string, body: { reason: string; input?: JsonObject }) =>
    take(api.POST('/processes/{id}/tasks/{task_id}/retry', { params: atTask(id, task), body })),
  skip: (id: string, task: string, body: { reason: string; output: JsonObject }) =>
    take(api.POST('/processes/{id}/tasks/{task_id}/skip', { params: atTask(id, task), body })),
  restartFrom: (id: string, body: { reason: string; node: string; scope?: string }) =>
    take(api.POST('/processes/{id}/restart-from', { params: at(id), body })),
  migrate: (id: string, body: { reason: string; version: number }) =>
    take(api.POST('/processes/{id}/migrate', { params: at(id), body })),
  message: (id: string, body: { reason: string; name: string; key?: string; payload: JsonObject }) =>
    take(api.POST('/processes/{id}/messages', { params: at(id), body })),
  fire: (id: string, task: string, body: { reason: string; node: string }) =>
    take(api.POST('/processes/{id}/tasks/{task_id}/fire', { params: atTask(id, task), body })),
  restartEntry: (id: string, task: string, body: { reason: string }) =>
    take(api.POST('/processes/{id}/tasks/{task_id}/restart', { params: atTask(id, task), body })),
  restartFailed: (id: string, task: string, body: { reason: string }) =>
    take(api.POST('/processes/{id}/tasks/{task_id}/restart-failed', { params: atTask(id, task), body })),
};
