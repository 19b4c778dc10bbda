// Days of a calendar as lines of text: "2026-05-11 in place of the 9th".

import type { CalendarDay } from '@/shared/api/types';

export function linesOf(days: readonly CalendarDay[]): string {
  return days.map((day) => (day.title === undefined ? day.date : `${day.date} ${day.title}`)).join('\n');
}

/** The days of the lines that say something, and the lines that they stand on, counted from 1. */
export function daysOf(text: string): { days: CalendarDay[]; lines: number[] } {
  const days: CalendarDay[] = [];
  const lines: number[] = [];
  text.split('\n').forEach((line, index) => {
    const [, date, title = ''] = /^\s*(\S+)\s*(.*?)\s*$/.exec(line) ?? [];
    if (date === undefined) return;
    days.push(title === '' ? { date } : { date, title });
    lines.push(index + 1);
  });
  return { days, lines };
}
