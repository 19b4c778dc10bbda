// The calendars in which timers count working days.

import { queryOptions } from '@tanstack/react-query';

import { api, take } from './client';
import type { Calendar } from './types';

/** The calendar that is meant where none is named. */
export const DEFAULT_CALENDAR = 'default';

export const calendarsQuery = queryOptions({
  queryKey: ['calendars'],
  queryFn: async ({ signal }): Promise<Calendar[]> => (await take(api.GET('/calendars', { signal }))).items,
  staleTime: 10_000,
});
