import { describe, expect, it } from 'vitest';

import type { Json } from '@/shared/api/types';

import { merged, objectIn } from './merge-patch';

describe('merged', () => {
  it.each<[Json, Json, Json]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (value, patch, want) => {
    expect(merged(value, patch)).toEqual(want);
  });
});

describe('objectIn', () => {
  it('takes an object and nothing else', () => {
    expect(objectIn('{"a":1}')).toEqual({ a: 1 });
    for (const text of ['', '[1]', 'null', '"a"', '{a:1}']) expect(objectIn(text)).toBeUndefined();
  });
});
