import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

/** The next times of a rule, as the server's own engine computes them. */
export function cronTimesQuery(cron: string, zone: string, count = 5) {
  return queryOptions({
    queryKey: ['cron-times', cron, zone, count],
    queryFn: async ({ signal }) =>
      (await take(api.GET('/cron-times', { params: { query: { cron, count, ...(zone === '' ? {} : { zone }) } }, signal }))).times,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 10_000,
  });
}
