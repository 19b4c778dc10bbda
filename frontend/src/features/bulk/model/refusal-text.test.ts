// @vitest-environment jsdom
import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';

import { changeLanguage } from '@/shared/i18n/i18n';

import { refusalText } from './refusal-text';

describe('why an item is refused', () => {
  beforeAll(() => changeLanguage('ru'));

  it('is said in words of the reader where the code is known', () => {
    expect(refusalText({ code: 'flow.process_ended', message: 'x' }, i18next.t, i18next)).toBe('Процесс завершён');
  });
  it('names the steps that stand against a migration', () => {
    const message = 'something has no place: answer: it is not there';
    const issues = [
      { code: 'migrate.node_missing', node: 'answer', message: 'it is not there' },
      { code: 'bulk.more_issues', message: 'and 3 more', params: { count: 3 } },
    ];
    expect(refusalText({ code: 'migrate.refused', message, issues }, i18next.t, i18next)).toBe(
      'Не всему в процессе есть место в другой версии: answer: шага больше нет; и ещё 3',
    );
    expect(refusalText({ code: 'migrate.refused', message }, i18next.t, i18next)).toBe('Не всему в процессе есть место в другой версии: answer: it is not there');
  });
  it('is what the server says of any other', () => {
    expect(refusalText({ code: 'some.other', message: 'because' }, i18next.t, i18next)).toBe('because');
    expect(refusalText({}, i18next.t, i18next)).toBe('');
  });
});
