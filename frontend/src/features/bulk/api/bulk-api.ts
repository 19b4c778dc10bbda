import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { BulkItem, BulkJob, BulkOptions } from '@/shared/api/types';

/** Running jobs move by themselves. */
export const jobsQuery = infiniteQueryOptions({
  queryKey: ['bulk-jobs'],
  queryFn: ({ pageParam, signal }) =>
    take(
      api.GET('/bulk-jobs', {
        params: { query: { limit: 30, state: ['draft', 'running', 'aborting', 'aborted', 'finished'], ...(pageParam === '' ? {} : { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor,
  refetchInterval: 2_000,
});

const moving: ReadonlySet<string> = new Set(['running', 'aborting']);

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['bulk-jobs', id],
    queryFn: ({ signal }) => take(api.GET('/bulk-jobs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: (query) => (moving.has(query.state.data?.state ?? '') ? 700 : false),
  });

/** Items of a running job change as it goes on; where it has come to is part of the key, so that its end is seen too. */
export const itemsQuery = (job: BulkJob, state: BulkItem['state'] | undefined) =>
  infiniteQueryOptions({
    queryKey: ['bulk-jobs', job.id, 'items', state ?? '', job.state],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/bulk-jobs/{id}/items', {
          params: { path: { id: job.id }, query: { limit: 50, ...(state === undefined ? {} : { state: [state] }), ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: moving.has(job.state) ? 2_000 : false,
    placeholderData: keepPreviousData,
  });

const at = (id: string) => ({ path: { id } });

export const bulk = {
  run: (id: string, reason: string, options?: BulkOptions) =>
    take(api.POST('/bulk-jobs/{id}/run', { params: at(id), body: { reason, ...(options === undefined ? {} : { options }) } })),
  abort: (id: string) => take(api.POST('/bulk-jobs/{id}/abort', { params: at(id) })),
};
