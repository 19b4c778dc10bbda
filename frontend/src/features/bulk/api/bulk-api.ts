import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { BulkItem, BulkOptions } from '@/shared/api/types';

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

export const itemsQuery = (id: string, state: BulkItem['state'] | undefined, live: boolean) =>
  infiniteQueryOptions({
    queryKey: ['bulk-jobs', id, 'items', state ?? ''],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/bulk-jobs/{id}/items', {
          params: { path: { id }, query: { limit: 50, ...(state === undefined ? {} : { state: [state] }), ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: live ? 2_000 : false,
  });

const at = (id: string) => ({ path: { id } });

export const bulk = {
  run: (id: string, reason: string, options?: BulkOptions) =>
    take(api.POST('/bulk-jobs/{id}/run', { params: at(id), body: { reason, ...(options === undefined ? {} : { options }) } })),
  abort: (id: string) => take(api.POST('/bulk-jobs/{id}/abort', { params: at(id) })),
};
