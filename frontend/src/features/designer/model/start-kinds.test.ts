import { describe, expect, it } from 'vitest';

import type { StartEvent } from '@/shared/graph/types';

import { inputScope, START_KINDS, startOfKind } from './start-kinds';

const full: StartEvent = {
  kind: 'webhook',
  input_schema: { type: 'object' },
  search_keys: ['a'],
  one_active: true,
  time_limit_ms: 60_000,
  webhook: { check: 'hmac', secret: 'secret://a' },
  input: { a: '=input.body.a' },
  custom_id: '{{input.a}}',
};

describe('startOfKind', () => {
  it('keeps what the process needs, whatever begins it', () => {
    for (const kind of START_KINDS) {
      expect(startOfKind(full, kind)).toMatchObject({ input_schema: { type: 'object' }, search_keys: ['a'], one_active: true, time_limit_ms: 60_000 });
    }
  });
  it('drops what is of another kind, as the server would refuse it', () => {
    expect(startOfKind(full, 'manual')).toEqual({ input_schema: { type: 'object' }, search_keys: ['a'], one_active: true, time_limit_ms: 60_000 });
    expect(Object.keys(startOfKind(full, 'schedule')).sort()).toEqual(['custom_id', 'input_schema', 'kind', 'one_active', 'schedule', 'search_keys', 'time_limit_ms']);
    expect(Object.keys(startOfKind(full, 'message')).sort()).toEqual(['custom_id', 'input', 'input_schema', 'kind', 'message', 'one_active', 'search_keys', 'time_limit_ms']);
    expect(startOfKind({}, 'webhook')).toEqual({ kind: 'webhook', webhook: { check: 'path' } });
  });
});

describe('inputScope', () => {
  it('names what each kind brings', () => {
    expect(inputScope('schedule')).toEqual([]);
    expect(inputScope('webhook')[0]?.members().map((name) => name.name)).toEqual(['body', 'query', 'headers']);
    expect(inputScope('message').map((name) => name.name)).toEqual(['input']);
  });
});
