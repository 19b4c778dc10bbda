import { infiniteQueryOptions, keepPreviousData } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';

import { groupKey, type GroupName, type IncidentsSearch, toQuery } from '../model/search';

const refresh = 3_000;

function after(cursor: string): { cursor?: string } {
  return cursor === '' ? {} : { cursor };
}

/** The groups, the largest first. */
export const groupsQuery = ({ open: _, ...filter }: IncidentsSearch) =>
  infiniteQueryOptions({
    queryKey: ['incidents', 'groups', filter],
    queryFn: ({ signal, pageParam }) =>
      take(api.GET('/incident-groups', { params: { query: { ...toQuery(filter), ...after(pageParam) } }, signal })),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: refresh,
  });

/** The incidents of one group, newest first. */
export const groupQuery = ({ open: _, ...filter }: IncidentsSearch, group: GroupName) =>
  infiniteQueryOptions({
    queryKey: ['incidents', 'group', filter, groupKey(group)],
    queryFn: ({ signal, pageParam }) => {
      const query = { ...toQuery(filter), definition: group.definition, node_id: group.node_id, group: group.group, limit: 20, ...after(pageParam) };
      return take(api.GET('/incidents', { params: { query }, signal }));
    },
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor,
    refetchInterval: refresh,
  });
