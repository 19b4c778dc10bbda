import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './problem';

/** A refusal is an answer and is not asked again; only silence and a tired server are. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) =>
          failures < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
      },
      mutations: { retry: false },
    },
  });
}
