import { describe, expect, it } from 'vitest';

import { isFiltered, parseIncidentsSearch, toBulkFilter, toQuery } from './search';

const now = Date.parse('2026-11-26T12:00:00Z');

describe('parseIncidentsSearch', () => {
  it('keeps what it knows and drops the rest', () => {
    expect(parseIncidentsSearch({ text: 404, definition: 'deeds', node: 'step', age: 'since_1h', page: 2, code: '' })).toEqual({
      text: '404', definition: 'deeds', node: 'step', age: 'since_1h',
    });
    expect(parseIncidentsSearch({ age: 'yesterday' })).toEqual({});
  });

  it('does not count the open group as a filter', () => {
    expect(isFiltered({ open: 'a/b/c' })).toBe(false);
    expect(isFiltered({ open: 'a/b/c', text: 'x' })).toBe(true);
  });
});

describe('toQuery', () => {
  it('counts an age from now, to either side', () => {
    expect(toQuery({ age: 'since_1h', node: 'step' }, now)).toEqual({ node_id: 'step', opened_from: '2026-11-26T11:00:00.000Z' });
    expect(toQuery({ age: 'before_7d' }, now)).toEqual({ opened_to: '2026-11-19T12:00:00.000Z' });
  });
});

describe('toBulkFilter', () => {
  it('never means processes without an incident', () => {
    expect(toBulkFilter({})).toEqual({ opened_from: '1970-01-01T00:00:00Z' });
    expect(toBulkFilter({ definition: 'deeds' })).toEqual({ definition: 'deeds', opened_from: '1970-01-01T00:00:00Z' });
  });

  it('keeps the filter under which a group is shown', () => {
    const filter = toBulkFilter({ text: 'page', code: 'E', age: 'since_1h' }, { definition: 'deeds', node_id: 'step', group: '4f' });
    expect(filter).toMatchObject({ definition: 'deeds', node_id: 'step', error_group: '4f', error_text: 'page', error_code: 'E' });
    expect(Date.parse(filter.opened_from ?? '')).toBeGreaterThan(now - 366 * 86_400_000);
  });
});
