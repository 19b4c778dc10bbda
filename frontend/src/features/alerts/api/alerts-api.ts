import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { AlertRuleFields, NewAlertRule } from '@/shared/api/types';

export const rulesQuery = queryOptions({
  queryKey: ['alert-rules'],
  queryFn: ({ signal }) => take(api.GET('/alert-rules', { signal })),
});

export type AlertState = 'open' | 'past';

/** The history changes by itself: the server judges every few seconds. */
export function alertsQuery(state: AlertState) {
  return infiniteQueryOptions({
    queryKey: ['alerts', state],
    queryFn: ({ pageParam, signal }) =>
      take(api.GET('/alerts', { params: { query: { state, limit: 30, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: 5_000,
  });
}

/** A notice under way: it is asked for until every delivery has ended. */
export function noticeQuery(id: string | undefined) {
  return queryOptions({
    queryKey: ['alert-notice', id],
    queryFn: ({ signal }) => take(api.GET('/alert-notices/{id}', { params: { path: { id: id ?? '' } }, signal })),
    enabled: id !== undefined,
    refetchInterval: (query) =>
      query.state.data?.deliveries.every((delivery) => delivery.state !== 'pending') ? false : 700,
  });
}

const at = (id: string) => ({ path: { id } });

export const alertRules = {
  create: (rule: NewAlertRule) => take(api.POST('/alert-rules', { body: rule })),
  update: (id: string, fields: AlertRuleFields) => take(api.PUT('/alert-rules/{id}', { params: at(id), body: fields })),
  remove: (id: string) => take(api.DELETE('/alert-rules/{id}', { params: at(id) })),
  test: (id: string) => take(api.POST('/alert-rules/{id}/test', { params: at(id) })),
};
