import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

export const retentionsQuery = queryOptions({
  queryKey: ['retention', 'list'],
  queryFn: ({ signal }) => take(api.GET('/retention', { signal })),
  refetchInterval: 30_000,
});

/** How many ended processes a retention of so many days would remove now; without a definition, of the default. */
export const retentionPreviewQuery = (definition: string | undefined, days: number) =>
  queryOptions({
    queryKey: ['retention', 'preview', definition, days],
    queryFn: ({ signal }) =>
      take(api.GET('/retention/preview', { params: { query: { days, ...(definition === undefined ? {} : { definition }) } }, signal })),
    enabled: days > 0,
  });

export const setRetention = (definition: string | undefined, days: number, reason: string) =>
  take(api.POST('/retention', { body: { days, reason, ...(definition === undefined ? {} : { definition }) } }));
