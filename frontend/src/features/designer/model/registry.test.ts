import { describe, expect, it } from 'vitest';

import en from '@/shared/i18n/en';
import ru from '@/shared/i18n/ru';

import { ACTIONS } from './registry';

function textOf(texts: unknown, group: string, key: string): unknown {
  return (texts as Record<string, Record<string, unknown>>)[group]?.[key];
}

describe('the registry of actions', () => {
  it('gives every action a name in both languages, and its group a heading', () => {
    for (const { id, group } of ACTIONS) {
      for (const texts of [en.designer, ru.designer]) {
        expect(textOf(texts, 'action', id), id).toBeTypeOf('string');
        expect(textOf(texts, 'help', group), group).toBeTypeOf('string');
      }
    }
  });

  it('gives no key to two actions', () => {
    const keys = ACTIONS.flatMap((action) => action.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
    expect(new Set(ACTIONS.map((action) => action.id)).size).toBe(ACTIONS.length);
  });

  it('names keys by their place, so that they work in every layout', () => {
    const place = /^(Key[A-Z]|Digit\d|F\d{1,2}|Arrow(Left|Right|Up|Down)|Delete|Backspace|Enter|Escape|Slash|Equal|Minus)$/;
    for (const { id, keys } of ACTIONS) for (const key of keys) expect(key.split('+').at(-1), `${id}: ${key}`).toMatch(place);
  });
});
