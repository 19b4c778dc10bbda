import { infiniteQueryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

export const auditQuery = (actor: string) =>
  infiniteQueryOptions({
    queryKey: ['audit', actor],
    queryFn: ({ signal, pageParam }) =>
      take(
        api.GET('/audit', {
          params: { query: { ...(actor === '' ? {} : { actor }), ...(pageParam === '' ? {} : { cursor: pageParam }) } }, signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
  });
