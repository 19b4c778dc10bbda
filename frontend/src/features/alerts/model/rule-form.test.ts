import { describe, expect, it } from 'vitest';

import type { AlertRule } from '@/shared/api/types';

import { fieldsOf, fieldsOfRule, formOf, newForm, split, withKind } from './rule-form';

const rule: AlertRule = {
  id: 'r', name: 'Night', kind: 'queue_too_old', enabled: true, pool: 'ocr', after_s: 5400, repeat_s: 7200, locale: 'ru',
  emails: ['a@example.org'], webhook_url: 'https://hook.example/x', webhook_secret_set: true, updated_at: '2026-01-01T00:00:00Z',
};

describe('a rule in its form', () => {
  it('comes back as it was, and keeps a secret that nobody typed', () => {
    const fields = fieldsOf(formOf(rule));
    expect(fields).toMatchObject({ name: 'Night', pool: 'ocr', after_s: 5400, repeat_s: 7200, webhook_url: 'https://hook.example/x' });
    expect(fields).not.toHaveProperty('webhook_secret');
  });

  it('is switched without any other change', () => {
    expect(fieldsOfRule({ ...rule, after_s: 5401 }, false)).toMatchObject({ enabled: false, after_s: 5401 });
  });

  it('sends only what its kind knows', () => {
    const form = { ...withKind(newForm('ru-RU'), 'incident_opened'), pool: 'ocr', errorCode: ' X ', after: 7 };
    expect(fieldsOf(form)).toMatchObject({ pool: '', error_code: 'X', after_s: 0, locale: 'ru' });
  });

  it.each([
    [45, { after: 45, unit: 's' }],
    [90, { after: 90, unit: 's' }],
    [900, { after: 15, unit: 'min' }],
    [7200, { after: 2, unit: 'h' }],
    [86_400, { after: 1, unit: 'd' }],
    [0, { after: 0, unit: 's' }],
  ])('shows %i s in the largest whole unit', (total, shown) => {
    expect(split(total)).toEqual(shown);
  });
});
