import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';

import { startTexts } from '@/shared/i18n/i18n';

import { faultText } from './fault-text';
import { ApiError } from './problem';

const said = (code: string, params?: Record<string, unknown>): string =>
  faultText(new ApiError({ status: 409, code, detail: 'the server’s words', ...(params !== undefined && { params }) }), i18next.t, i18next);

describe('why something was refused', () => {
  beforeAll(() => startTexts('ru'));

  it('is said in the language of the reader', () => {
    expect(said('user.taken')).toBe('Такой логин уже занят');
    expect(faultText(new ApiError({ status: 0, code: 'network' }), i18next.t, i18next)).toBe('Сервер не отвечает');
  });
  it('names what the server names', () => {
    expect(said('calendar.in_use', { user: 'order' })).toBe('В нём считает рабочие дни order');
    expect(said('file.too_large', { bytes: 104_857_600 })).toBe('Файл может занимать не больше 100 МБ');
    expect(said('bulk.too_many', { most: 100_000 })).toBe(`Подходит больше ${(100_000).toLocaleString('ru')}; сузьте фильтр`);
    expect(said('process.deleted', { by: 'anna', at: '2026-11-26T10:00:00Z', reason: 'дубль' })).toMatch(/2026.*anna: дубль$/);
  });
  it('is what the server says of a code that is not known, or without what its text names', () => {
    expect(said('some.other')).toBe('the server’s words');
    expect(said('some')).toBe('the server’s words');
    expect(said('calendar.in_use')).toBe('the server’s words');
    expect(faultText(new Error('not of the server'), i18next.t, i18next)).toBe('not of the server');
  });
});
