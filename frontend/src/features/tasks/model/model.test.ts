import { describe, expect, it } from 'vitest';

import { deadlineTone } from './deadline';
import { parseTasksSearch } from './search';

describe('deadlineTone', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  it.each([
    ['2026-11-23T11:59:59Z', 'bad'],
    ['2026-11-23T13:00:00Z', 'wait'],
    ['2026-11-25T12:00:00Z', 'idle'],
  ])('%s is %s', (due, tone) => {
    expect(deadlineTone(due, now)).toBe(tone);
  });
});

describe('parseTasksSearch', () => {
  it('keeps what it knows', () => {
    expect(parseTasksSearch({ task: 'a/b', mine: 'true', q: 2026, other: 1 })).toEqual({ task: 'a/b', mine: true, q: '2026' });
    expect(parseTasksSearch({ task: 5, mine: 'no', q: '' })).toEqual({});
  });
});
