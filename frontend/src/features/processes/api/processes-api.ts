import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';

import { http } from '@/shared/api/http';
import type { Incident, Page, ProcessSummary } from '@/shared/api/types';

import { toApiQuery, type ProcessesSearch } from '../model/filter';

const pageSize = 50;

export const processesQuery = (search: ProcessesSearch) =>
  infiniteQueryOptions({
    queryKey: ['processes', 'list', search],
    queryFn: ({ signal, pageParam }) =>
      http.get<Page<ProcessSummary>>('/processes', {
        query: { ...toApiQuery(search), limit: pageSize, cursor: pageParam }, signal,
      }),
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
      http.get<Page<ProcessSummary>>('/processes', { query: { ...toApiQuery(search), limit: pageSize }, signal }),
    refetchInterval: 5_000,
  });

export const incidentsQuery = (definition: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['incidents', definition],
    queryFn: ({ signal, pageParam }) =>
      http.get<Page<Incident>>('/incidents', { query: { definition, cursor: pageParam }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: 5_000,
  });
