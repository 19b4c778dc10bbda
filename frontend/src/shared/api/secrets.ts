// The names of secrets, for those who name them in definitions.

import { queryOptions } from '@tanstack/react-query';

import { api, take } from './client';

export const secretsQuery = queryOptions({
  queryKey: ['secrets'],
  queryFn: ({ signal }) => take(api.GET('/secrets', { signal })),
  staleTime: 10_000,
});
