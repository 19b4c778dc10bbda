import { describe, expect, it } from 'vitest';

import type { Usage } from '@/shared/api/types';

import { firstSpan, labelOf, pointsOf, totalOf } from './points';

const usage: Usage = {
  from: '2026-11-26T10:00:00Z',
  step_s: 900,
  steps: 3,
  series: [
    { name: 'a', metrics: { completed: [1, 0, 2] } },
    { name: 'b', metrics: { completed: [0, 5, 0], failed: [0, 1, 0] } },
  ],
};

describe('the points of a chart', () => {
  it('have every step, and every metric of all names', () => {
    expect(pointsOf(usage, ['completed', 'failed'])).toEqual([
      { at: '2026-11-26T10:00:00.000Z', completed: 1, failed: 0 },
      { at: '2026-11-26T10:15:00.000Z', completed: 5, failed: 1 },
      { at: '2026-11-26T10:30:00.000Z', completed: 2, failed: 0 },
    ]);
  });
  it('add up by name, and nothing is nothing', () => {
    expect(totalOf(usage, 'b', 'completed')).toBe(5);
    expect(totalOf(usage, 'a', 'failed')).toBe(0);
    expect(totalOf(undefined, 'a', 'failed')).toBe(0);
  });
  it('are named by the time in a short chart and by the day in a long one', () => {
    expect(labelOf('2026-11-26T10:15:00Z', 900, 'ru')).toMatch(/^\d\d:15$/);
    expect(labelOf('2026-11-26T10:15:00Z', 7200, 'en')).toMatch(/Nov 2[67]/);
  });
});

describe('a chart begins', () => {
  const now = Date.parse('2026-11-26T12:00:00Z');
  it.each<[string | undefined, number]>([
    [undefined, 1],
    ['2026-11-26T11:40:00Z', 1],
    ['2026-11-26T10:30:00Z', 6],
    ['2026-11-26T05:00:00Z', 24],
    ['2026-10-01T00:00:00Z', 24],
  ])('with what an installation since %s fills', (since, hours) => {
    expect(firstSpan(since, now)).toBe(hours);
  });
});
