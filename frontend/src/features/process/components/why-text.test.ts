// @vitest-environment jsdom
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

  it.each([
    ['held_by_limit', { type: 'a@1', key: 'input.region', value: 'север', n: 2, most: 2 }, 'удерживает ограничение на a@1 для input.region = север: у исполнителей 2 из 2'],
    ['held_by_limit', { type: 'a@1', n: 2, most: 2 }, 'удерживает ограничение на a@1: у исполнителей 2 из 2'],
    ['held_by_limit', { type: 'a@1', starts: 10, per_seconds: 1 }, 'удерживает ограничение на a@1: запусков 10 за 1 с'],
    ['held_by_limit', { type: 'a@1' }, 'удерживает ограничение на a@1'],
    ['hold_incident', { incidents: 1, nodes: 'Оплата' }, 'процесс удерживает инцидент на шаге Оплата'],
    ['hold_incident', { incidents: 2 }, 'процесс удерживают 2 инцидента'],
    ['join', { node: 'Все ответы', branches: 'Банк, Нотариус', arrived: 1, all: 3 }, 'Все ответы: пришло ветвей 1 из 3, ждёт Банк, Нотариус'],
  ])('says of %s all that is known: %j', (code, params, expected) => {
    expect(say({ code, params })).toBe(expected);
  });

  it("falls back to the server's own words", () => {
    expect(say({ code: 'brand_new', text_en: 'waits for the moon' })).toBe('waits for the moon');
  });
});
