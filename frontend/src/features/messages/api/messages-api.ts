import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

/** Messages that are kept and that nobody has taken. */
export const messagesQuery = infiniteQueryOptions({
  queryKey: ['messages', 'list'],
  queryFn: ({ pageParam, signal }) =>
    take(api.GET('/messages', { params: { query: { limit: 50, ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal })),
  initialPageParam: '',
  getNextPageParam: (last) => last.next_cursor,
  refetchInterval: 5_000,
});

/** One message with its payload. */
export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ['messages', 'one', id],
    queryFn: ({ signal }) => take(api.GET('/messages/{id}', { params: { path: { id } }, signal })),
  });

export const deleteMessage = (id: string, reason: string) => take(api.POST('/messages/{id}/delete', { params: { path: { id } }, body: { reason } }));
