import { api, take } from '@/shared/api/client';
import type { Calendar, CalendarDay } from '@/shared/api/types';

export interface CalendarRule {
  title: string;
  zone?: string;
  weekend: number[];
  holidays: CalendarDay[];
  worked: CalendarDay[];
}

const at = (calendar: Calendar) => ({ path: { key: calendar.key } });

export const calendars = {
  add: (key: string, rule: CalendarRule) => take(api.POST('/calendars', { body: { key, ...rule } })),
  change: (calendar: Calendar, rule: CalendarRule) =>
    take(api.PUT('/calendars/{key}', { params: { ...at(calendar), header: { 'If-Match': `"${calendar.revision}"` } }, body: rule })),
  remove: (calendar: Calendar) => take(api.DELETE('/calendars/{key}', { params: at(calendar) })),
};
