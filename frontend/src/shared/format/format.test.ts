// @vitest-environment jsdom
import i18next from 'i18next';
import { beforeEach, describe, expect, it } from 'vitest';

import { changeLanguage } from '@/shared/i18n/i18n';

import { formatClock, formatDuration, formatPeriod } from './duration';
import { formatSize } from './size';
import { formatMoment } from './time';

describe('in English', () => {
  beforeEach(() => changeLanguage('en'));

  it.each([
    [0, '0 ms'],
    [182, '182 ms'],
    [2149, '2.1 s'],
    [14_900, '14 s'],
    [188_000, '3 min 08 s'],
    [3_720_000, '1 h 02 min'],
    [90_000_000, '1 d 1 h'],
    [-5, '0 ms'],
  ])('%i ms reads %s', (ms, text) => {
    expect(formatDuration(ms, i18next.t, 'en')).toBe(text);
  });

  it.each([
    [60_000, '1 min'],
    [90_000, '1 min 30 s'],
    [7_200_000, '2 h'],
    [86_400_000, '1 d'],
    [90_000_000, '1 d 1 h'],
  ])('a limit of %i ms reads %s', (ms, text) => {
    expect(formatPeriod(ms, i18next.t, 'en')).toBe(text);
  });

  it.each([
    [2149, '2.1 s'],
    [151_000, '2:31'],
    [3_725_000, '1:02:05'],
  ])('%i ms is %s on the clock', (ms, text) => {
    expect(formatClock(ms, i18next.t, 'en')).toBe(text);
  });

  it.each([
    [948, '948 B'],
    [49_000, '48 KB'],
    [1_300_000, '1.2 MB'],
  ])('%i bytes are %s', (bytes, text) => {
    expect(formatSize(bytes, i18next.t, 'en')).toBe(text);
  });

  it('shows the day only of another day', () => {
    const now = new Date(2026, 10, 23, 18, 0).getTime();
    expect(formatMoment(new Date(2026, 10, 23, 12, 4, 11).getTime(), 'en', now)).toBe('12:04:11');
    expect(formatMoment(new Date(2026, 10, 21, 12, 4).getTime(), 'en', now)).toContain('21');
    expect(formatMoment(new Date(2025, 10, 21, 12, 4).getTime(), 'en', now)).toContain('2025');
  });
});

describe('in Russian', () => {
  beforeEach(() => changeLanguage('ru'));

  it('has its own words and its comma', () => {
    expect(formatDuration(2149, i18next.t, 'ru')).toBe('2,1 с');
    expect(formatSize(1_300_000, i18next.t, 'ru')).toBe('1,2 МБ');
  });

  it.each([
    [1, '1 поле нужно исправить'],
    [2, '2 поля нужно исправить'],
    [5, '5 полей нужно исправить'],
    [21, '21 поле нужно исправить'],
  ])('counts %i', (count, text) => {
    expect(i18next.t('start:to_correct', { count })).toBe(text);
  });
});
