// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';

import type { Json } from '@/shared/api/types';

import { columnsOf, fieldsOf } from './shape';

const file = { $file: `sha256:${'a'.repeat(64)}`, name: 'lease.pdf' };

describe('columnsOf', () => {
  it.each<[string, Json, string[] | undefined]>([
    ['a list of remarks', [{ file: 'a.pdf', code: 'file.missing' }, { file: 'b.pdf', message: 'twice' }], ['file', 'code', 'message']],
    ['columns that are empty throughout', [{ code: '', valid: true, why: null }, { code: '', valid: false }], ['valid']],
    ['files and flat objects in cells', [{ paper: file, told: { area: '400' } }], ['paper', 'told']],
    ['nothing in any row', [{ code: '' }], undefined],
    ['lists in cells', [{ codes: ['a'] }], undefined],
    ['deeper objects in cells', [{ told: { of: { whom: 1 } } }], undefined],
    ['files themselves', [file], undefined],
    ['other lists', ['a', 'b'], undefined],
    ['an empty list', [], undefined],
    ['no list', { code: 'a' }, undefined],
    ['more columns than there is room for', [Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`c${n}`, n]))], undefined],
  ])('%s', (_, value, columns) => {
    expect(columnsOf(value)).toEqual(columns);
  });
});

describe('fieldsOf', () => {
  it('keeps what says something', () => {
    expect(fieldsOf({ area: 400, holder: '', standing: false })).toEqual([['area', 400], ['standing', false]]);
    expect(fieldsOf({ paper: file })).toEqual([['paper', file]]);
  });
  it('leaves what goes deeper', () => {
    expect(fieldsOf({ list: [] })).toBeUndefined();
    expect(fieldsOf(file)).toBeUndefined();
    expect(fieldsOf('text')).toBeUndefined();
  });
});
