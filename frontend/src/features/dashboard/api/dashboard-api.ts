import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { ProcessState } from '@/shared/api/types';

const refresh = 5_000;
const countedAtMost = 200;

export const recentQuery = queryOptions({
  queryKey: ['dashboard', 'recent'],
  queryFn: async ({ signal }) => (await take(api.GET('/processes', { params: { query: { limit: 10 } }, signal }))).items,
  refetchInterval: refresh,
});

export const incidentsQuery = queryOptions({
  queryKey: ['dashboard', 'incidents'],
  queryFn: async ({ signal }) => (await take(api.GET('/incidents', { params: { query: { limit: 6 } }, signal }))).items,
  refetchInterval: refresh,
});

export interface Count {
  value: number;
  /** There are more than were counted. */
  more: boolean;
}

/** Processes of a state that started on or after a day, counted as far as a page reaches. */
export const countQuery = (state: ProcessState, from?: string) =>
  queryOptions({
    queryKey: ['dashboard', 'count', state, from],
    queryFn: async ({ signal }): Promise<Count> => {
      const query = {
        state: [state], limit: countedAtMost, ...(from === undefined ? {} : { started_from: new Date(`${from}T00:00:00`).toISOString() }),
      };
      const page = await take(api.GET('/processes', { params: { query }, signal }));
      return { value: page.items.length, more: page.next_cursor !== undefined };
    },
    refetchInterval: refresh,
  });
