import { describe, expect, it } from 'vitest';

import type { Schedule } from '@/shared/api/types';

import { formOf, newRule, objectOf, ruleOf } from './rule-form';

const schedule: Schedule = {
  id: '0192f000-0000-7000-8000-000000000001', name: 'Nightly', definition: 'report', definition_title: 'Report', version: 3, cron: '30 2 * * *', zone: 'Europe/Berlin',
  input: { day: '=now()' }, custom_id: 'night {{input.day}}', priority: 2, misfire: 'catch_up', catch_up_most: 4, late_after_s: 90, overlap: 'queue', max_running: 2, max_errors: 5,
  state: 'active', state_at: '2026-03-01T00:00:00Z', running: 0, revision: 7, created_at: '2026-03-01T00:00:00Z', updated_at: '2026-03-01T00:00:00Z',
};

describe('the form of a schedule', () => {
  it('sends what it was filled with', () => {
    const { id: _i, definition_title: _t, state: _s, state_at: _a, running: _r, revision: _v, created_at: _c, updated_at: _u, ...rule } = schedule;
    expect(ruleOf(formOf(schedule))).toEqual(rule);
  });

  it('leaves out what is not said', () => {
    const rule = ruleOf({ ...newRule('report'), name: ' Daily ', zone: '' });
    expect(rule.name).toBe('Daily');
    expect(Object.keys(rule)).not.toEqual(expect.arrayContaining(['version']));
    expect(rule.zone).toBeUndefined();
    expect(rule.custom_id).toBeUndefined();
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ['', {}],
    ['[]', undefined],
    ['null', undefined],
    ['{', undefined],
  ])('reads %s', (text, value) => {
    expect(objectOf(text)).toEqual(value);
  });
});
