import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Usage } from '@/shared/api/types';

import type { Span } from './points';

export function usageQuery(subject: 'type' | 'pool' | 'definition', hours: Span, name?: string) {
  return queryOptions({
    queryKey: ['usage', subject, hours, name ?? ''],
    queryFn: async ({ signal }): Promise<Usage> => await take(api.GET('/usage', { params: { query: { subject, hours, ...(name !== undefined && { name }) } }, signal })),
    refetchInterval: 20_000,
    placeholderData: (before) => before,
  });
}
