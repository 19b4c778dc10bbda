import { queryOptions } from '@tanstack/react-query';

import { api, take } from '@/shared/api/client';
import type { Usage } from '@/shared/api/types';

/** What a chart can show, in hours until now. */
export const spans = [1, 6, 24, 168, 720] as const;
export type Span = (typeof spans)[number];

const hour = 3_600_000;

/** What a chart begins with: a day, or less while all there is to show is younger. */
export function firstSpan(since: string | undefined, now: number): Span {
  if (since === undefined) return 1;
  const age = (now - Date.parse(since)) / hour;
  return age < 1 ? 1 : age < 6 ? 6 : 24;
}

export function usageQuery(subject: 'type' | 'pool' | 'definition', hours: Span, name?: string) {
  return queryOptions({
    queryKey: ['usage', subject, hours, name ?? ''],
    queryFn: async ({ signal }): Promise<Usage> => await take(api.GET('/usage', { params: { query: { subject, hours, ...(name !== undefined && { name }) } }, signal })),
    refetchInterval: 20_000,
    placeholderData: (before) => before,
  });
}
