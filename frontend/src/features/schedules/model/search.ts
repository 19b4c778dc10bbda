import type { Schedule } from '@/shared/api/types';

export type ScheduleState = Schedule['state'];

export const scheduleStates: readonly ScheduleState[] = ['active', 'paused', 'stopped', 'retired'];

export interface SchedulesSearch {
  /** That the name holds. */
  q?: string;
  state?: ScheduleState;
  definition?: string;
}

export function parseSchedulesSearch(search: Record<string, unknown>): SchedulesSearch {
  const parsed: SchedulesSearch = {};
  if (typeof search.q === 'string' && search.q !== '') parsed.q = search.q;
  if (typeof search.q === 'number') parsed.q = String(search.q);
  const state = scheduleStates.find((each) => each === search.state);
  if (state) parsed.state = state;
  if (typeof search.definition === 'string' && search.definition !== '') parsed.definition = search.definition;
  return parsed;
}
