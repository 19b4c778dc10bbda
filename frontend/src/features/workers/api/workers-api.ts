import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Pool } from '@/shared/api/types';

export const poolsQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: async ({ signal }): Promise<Pool[]> => (await take(api.GET('/workers', { signal }))).pools,
  refetchInterval: 10_000,
});
