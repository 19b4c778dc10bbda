import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type {
  AuditEntry, Json, NodeType, Page, Process, ProcessEvent, Task, TaskSummary,
} from '@/shared/api/types';
import type { GraphDocument } from '@/shared/graph/types';

import { reduceLive, type LiveProcess } from '../model/live-process';

export const processKey = (id: string) => ['process', id] as const;
export const liveKey = (id: string) => ['process', id, 'live'] as const;
export const taskKey = (id: string, task: string) => ['process', id, 'task', task] as const;

const taskPageSize = 500;
/** A tree of more rows than this is not read by people; the server's search is. */
const taskPagesAtMost = 20;

export async function fetchProcess(id: string, signal?: AbortSignal): Promise<Process> {
  return http.get<Process>(`/processes/${id}`, signal ? { signal } : {});
}

/** Header first, tasks after: tasks may then be newer than the sequence, never older. */
export async function fetchLive(id: string, signal?: AbortSignal): Promise<LiveProcess> {
  const process = await fetchProcess(id, signal);
  const tasks: TaskSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < taskPagesAtMost; page++) {
    const answer = await http.get<Page<TaskSummary>>(`/processes/${id}/tasks`, {
      query: { limit: taskPageSize, cursor }, ...(signal ? { signal } : {}),
    });
    tasks.push(...answer.items);
    cursor = answer.next_cursor;
    if (!cursor) break;
  }
  const live = reduceLive(undefined, { type: 'loaded', process, tasks });
  if (!live) throw new Error(`process ${id} has no state`);
  return live;
}

export const liveQuery = (id: string) =>
  queryOptions({
    queryKey: liveKey(id),
    queryFn: ({ signal }) => fetchLive(id, signal),
    // From here on the websocket keeps it true.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  });

export interface ProcessGraph {
  document: GraphDocument;
  node_types: NodeType[];
}

/** The version that runs never changes. */
export const graphQuery = (id: string) =>
  queryOptions({
    queryKey: [...processKey(id), 'graph'],
    queryFn: ({ signal }) => http.get<ProcessGraph>(`/processes/${id}/graph`, { signal }),
    staleTime: Infinity,
  });

export const taskQuery = (id: string, task: string) =>
  queryOptions({
    queryKey: taskKey(id, task),
    queryFn: ({ signal }) => http.get<Task>(`/processes/${id}/tasks/${task}`, { signal }),
    staleTime: 30_000,
  });

export const eventsQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: [...processKey(id), 'events'],
    queryFn: ({ signal, pageParam }) =>
      http.get<{ items: ProcessEvent[]; head: number }>(`/processes/${id}/events`, {
        query: { after: pageParam, limit: 200 }, signal,
      }),
    initialPageParam: 0,
    getNextPageParam: (last) => {
      const seq = last.items.at(-1)?.seq;
      return seq !== undefined && seq < last.head ? seq : undefined;
    },
  });

export const auditQuery = (id: string) =>
  queryOptions({
    queryKey: [...processKey(id), 'audit'],
    queryFn: ({ signal }) => http.get<Page<AuditEntry>>(`/processes/${id}/audit`, { signal }),
  });

export const operate = {
  cancel: (id: string, reason: string) => http.post(`/processes/${id}/cancel`, { reason }),
  suspend: (id: string, reason: string) => http.post(`/processes/${id}/suspend`, { reason }),
  resume: (id: string, reason: string) => http.post(`/processes/${id}/resume`, { reason }),
  restart: (id: string, body: { reason: string; input?: Json; custom_id?: string }) =>
    http.post<{ id: string }>(`/processes/${id}/restart`, body),
  retry: (id: string, task: string, body: { reason: string; input?: Json }) =>
    http.post(`/processes/${id}/tasks/${task}/retry`, body),
  skip: (id: string, task: string, body: { reason: string; output: Json }) =>
    http.post(`/processes/${id}/tasks/${task}/skip`, body),
};
