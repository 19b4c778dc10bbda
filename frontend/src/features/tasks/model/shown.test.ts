import { describe, expect, it } from 'vitest';

import type { JsonObject } from '@/shared/api/types';

import { shownRows } from './shown';

const schema: JsonObject = {
  properties: {
    applicant: { title: 'Applicant', 'x-title-ru': 'Заявитель' },
    kind: { title: 'Kind', oneOf: [{ const: 'lease', title: 'Lease', 'x-title-ru': 'Аренда' }] },
    born: { format: 'date' },
    'Кто подал': { title: 'Applicant' },
  },
};
const input: JsonObject = { applicant: 'Anna', kind: 'lease', born: '2026-02-03', sum: 1234567.5, room: 12, paid: true, fee_due: null, other: 'sale', 'Кто подал': 'Anna' };
const values = (language: string) => shownRows(input, schema, language).map(({ title, value }) => [title, value]);

describe('what a person is shown', () => {
  it('is called and said as its schema does in their language', () => {
    expect(values('ru')).toEqual([
      ['Заявитель', 'Anna'],
      ['Kind', 'Аренда'],
      ['born', '3 февраля 2026 г.'],
      ['sum', (1234567.5).toLocaleString('ru')],
      ['room', '12'],
      ['paid', true],
      ['fee due', null],
      ['other', 'sale'],
      ['Кто подал', 'Anna'],
    ]);
    expect(values('en').slice(0, 3)).toEqual([
      ['Applicant', 'Anna'],
      ['Kind', 'Lease'],
      ['born', 'February 3, 2026'],
    ]);
  });
});
