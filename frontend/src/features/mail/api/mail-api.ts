import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

export const mailQuery = queryOptions({
  queryKey: ['mail'],
  queryFn: async ({ signal }) => (await take(api.GET('/mail', { signal }))).items,
  refetchInterval: 3_000,
});

export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ['mail', id],
    queryFn: ({ signal }) => take(api.GET('/mail/{id}', { params: { path: { id } }, signal })),
    staleTime: Infinity,
  });
