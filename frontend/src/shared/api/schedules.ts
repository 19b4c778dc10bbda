// The schedules of a definition, for those who draw it.

import { queryOptions } from '@tanstack/react-query';

import { api, take } from './client';
import type { Schedule } from './types';

export const schedulesOfQuery = (definition: string) =>
  queryOptions({
    queryKey: ['schedules', 'of', definition],
    queryFn: async ({ signal }): Promise<Schedule[]> => (await take(api.GET('/schedules', { params: { query: { definition, limit: 200 } }, signal }))).items,
    staleTime: 10_000,
  });
