import { describe, expect, it } from 'vitest';

import { parseProcessesSearch, toApiQuery } from './filter';

describe('parseProcessesSearch', () => {
  it('keeps what it knows and drops the rest', () => {
    expect(
      parseProcessesSearch({
        custom_id_prefix: '77:01', state: 'incident,nonsense,running', definition: 'document-check', version: 3, from: '2026-11-20', to: 'tomorrow', page: 7,
      }),
    ).toEqual({ custom_id_prefix: '77:01', state: 'running,incident', definition: 'document-check', version: 3, from: '2026-11-20' });
  });

  it('takes a customId of digits, which the router reads as a number', () => {
    expect(parseProcessesSearch({ custom_id_prefix: 4012 })).toEqual({ custom_id_prefix: '4012' });
  });
});

describe('toApiQuery', () => {
  it('sends a day as the whole of it, in the user’s time zone', () => {
    const query = toApiQuery({ from: '2026-11-20', to: '2026-11-20' });
    expect(Date.parse(query.started_to ?? '') - Date.parse(query.started_from ?? '')).toBe(86_400_000);
    expect(new Date(query.started_from ?? '').getHours()).toBe(0);
  });

  it('sends states as a list', () => {
    expect(toApiQuery({ state: 'running,incident' })).toEqual({ state: ['running', 'incident'] });
  });
});
