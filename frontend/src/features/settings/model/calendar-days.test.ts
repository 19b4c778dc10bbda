import { describe, expect, it } from 'vitest';

import { daysOf, linesOf } from './calendar-days';

describe('days of a calendar as text', () => {
  it('reads a day a line, with its name', () => {
    expect(daysOf(' 2026-05-11  in place of the 9th \n\n01-01\n')).toEqual({
      days: [{ date: '2026-05-11', title: 'in place of the 9th' }, { date: '01-01' }],
      lines: [1, 3],
    });
  });

  it('keeps what is no day, for the server to say so', () => {
    expect(daysOf('1 May').days).toEqual([{ date: '1', title: 'May' }]);
  });

  it('writes what it reads', () => {
    const text = '2026-05-11 in place of the 9th\n01-01';
    expect(linesOf(daysOf(text).days)).toBe(text);
    expect(daysOf('')).toEqual({ days: [], lines: [] });
  });
});
