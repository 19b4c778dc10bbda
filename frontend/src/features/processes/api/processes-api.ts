import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

import { toApiQuery, type ProcessesSearch } from '../model/filter';

const pageSize = 50;

function after(cursor: string): { cursor?: string } {
  return cursor === '' ? {} : { cursor };
}

export const processesQuery = (search: ProcessesSearch) =>
  infiniteQueryOptions({
    queryKey: ['processes', 'list', search],
    queryFn: ({ signal, pageParam }) =>
      take(
        api.GET('/processes', { params: { query: { ...toApiQuery(search), limit: pageSize, ...after(pageParam) } }, signal }),
      ),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
    // What came since is offered as "12 new", never pushed into the list.
    refetchOnWindowFocus: false,
    staleTime: 30_000,
  });

/** The newest rows of the same filter, to count what is not in the list yet. */
export const newestQuery = (search: ProcessesSearch) =>
  queryOptions({
    queryKey: ['processes', 'newest', search],
    queryFn: ({ signal }) =>
      take(api.GET('/processes', { params: { query: { ...toApiQuery(search), limit: pageSize } }, signal })),
    refetchInterval: 5_000,
  });
