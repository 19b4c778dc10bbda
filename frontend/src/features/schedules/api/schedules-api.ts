import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import { randomId } from '@/shared/api/random-id';
import type { Schedule, ScheduleRule } from '@/shared/api/types';

import type { SchedulesSearch } from '../model/search';

/** Schedules fire by themselves: what is shown is asked for again and again. */
export function schedulesQuery({ q, state, definition }: SchedulesSearch) {
  return infiniteQueryOptions({
    queryKey: ['schedules', 'list', q ?? '', state ?? '', definition ?? ''],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET('/schedules', {
          params: {
            query: {
              limit: 50, ...(q === undefined ? {} : { q }), ...(state === undefined ? {} : { state }), ...(definition === undefined ? {} : { definition }),
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

const at = (id: string) => ({ path: { id } });

export function scheduleQuery(id: string) {
  return queryOptions({
    queryKey: ['schedules', 'one', id],
    queryFn: ({ signal }) => take(api.GET('/schedules/{id}', { params: at(id), signal })),
    refetchInterval: 2_000,
    retry: false,
  });
}

export function firesQuery(id: string) {
  return infiniteQueryOptions({
    queryKey: ['schedules', 'fires', id],
    queryFn: ({ pageParam, signal }) =>
      take(api.GET('/schedules/{id}/fires', { params: { ...at(id), query: { limit: 30, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: 2_000,
  });
}

export const schedules = {
  create: (rule: ScheduleRule) => take(api.POST('/schedules', { body: rule })),
  update: (schedule: Schedule, rule: ScheduleRule) =>
    take(api.PUT('/schedules/{id}', { params: { ...at(schedule.id), header: { 'If-Match': `"${schedule.revision}"` } }, body: rule })),
  remove: (id: string) => take(api.DELETE('/schedules/{id}', { params: at(id) })),
  pause: (id: string, reason: string) => take(api.POST('/schedules/{id}/pause', { params: at(id), body: { reason } })),
  resume: (id: string, reason: string) => take(api.POST('/schedules/{id}/resume', { params: at(id), body: { reason } })),
  /** A key for each click: an answer that got lost does not start two. */
  run: (id: string) => take(api.POST('/schedules/{id}/run', { params: { ...at(id), header: { 'Idempotency-Key': randomId() } } })),
};
