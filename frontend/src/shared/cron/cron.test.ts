import { describe, expect, it } from 'vitest';

import { describeCron, inZone, readCron, weekdayName, withPreset, writeCron } from './cron';

describe('a cron rule', () => {
  it.each([
    ['*/15 * * * *', 'minutes'],
    ['* * * * *', 'minutes'],
    ['5 * * * *', 'hourly'],
    ['30 2 * * *', 'daily'],
    ['0 9 * * 1-5', 'weekdays'],
    ['0 9 * * 0', 'weekly'],
    ['0 9 31 * *', 'monthly'],
    ['0 9 1 1 *', 'own'],
    ['*/7 * * * *', 'own'],
    ['0 9,17 * * *', 'own'],
    ['0 9 1 * 1', 'own'],
    ['0 24 * * *', 'own'],
    ['often', 'own'],
    ['', 'own'],
  ])('%s is %s, and is written as it was read', (text, preset) => {
    const rule = readCron(text);
    expect(rule.preset).toBe(preset);
    expect(writeCron(rule)).toBe(text);
  });

  it('keeps its time when its kind changes', () => {
    expect(writeCron(withPreset(readCron('30 2 * * *'), 'weekly'))).toBe('30 2 * * 1');
    expect(writeCron(withPreset(readCron('30 2 * * *'), 'own'))).toBe('30 2 * * *');
  });

  it('is said in words when it is a usual one', () => {
    const said = (key: string, params?: Record<string, unknown>) => `${key} ${JSON.stringify(params)}`;
    expect(describeCron('30 2 * * 5', said, 'en')).toContain('cron:said.weekly {"count":15,"minute":"00","time":"02:30","day":1,"weekday":"Friday"}');
    expect(describeCron('1 2 3 4 5', said, 'en')).toBeUndefined();
    expect(weekdayName(0, 'ru')).toBe('воскресенье');
  });

  it('is shown by the clock of its zone', () => {
    expect(inZone('2026-03-29T01:00:00Z', 'Europe/Berlin', 'en-GB')).toContain('03:00');
    expect(inZone('2026-03-29T01:00:00Z', '', 'en-GB')).toContain('01:00');
    expect(inZone('2026-03-29T01:00:00Z', 'Mars/Base', 'en-GB')).toContain('01:00');
  });
});
