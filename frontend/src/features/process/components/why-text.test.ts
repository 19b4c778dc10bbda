import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Why } from '@/shared/api/types';
import { changeLanguage } from '@/shared/i18n/i18n';

import { whyText } from './why-text';

describe('whyText in Russian', () => {
  beforeAll(() => changeLanguage('ru'));

  const say = (why: Why) => whyText(why, i18next.t, 'ru', (key) => i18next.exists(key));

  it.each([
    [0, 'ждёт места в пуле docs'],
    [1, 'впереди 1 задача в пуле docs'],
    [2, 'впереди 2 задачи в пуле docs'],
    [5, 'впереди 5 задач в пуле docs'],
    [21, 'впереди 21 задача в пуле docs'],
  ])('counts %i ahead', (n, expected) => {
    expect(say({ code: 'queued_behind', params: { pool: 'docs', n } })).toBe(expected);
  });

  it('says since when only where that is known', () => {
    expect(say({ code: 'no_worker', params: { pool: 'docs' } })).toBe('нет исполнителей у пула docs');
    expect(say({ code: 'no_worker', params: { pool: 'docs', since: '2020-01-02T03:04:05Z' } })).toMatch(/^нет исполнителей у пула docs с .*2020/);
  });

  it("falls back to the server's own words", () => {
    expect(say({ code: 'brand_new', text_en: 'waits for the moon' })).toBe('waits for the moon');
  });
});
