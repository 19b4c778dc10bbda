// A rule as its form holds it, and the way to and from the API.
import type { AlertKind, AlertRule, AlertRuleFields } from '@/shared/api/types';

export const kinds = ['incident_opened', 'pool_without_worker', 'queue_too_old', 'process_over_time'] as const;

export function isKind(value: string | null): value is AlertKind {
  return kinds.some((kind) => kind === value);
}

export const units = ['s', 'min', 'h', 'd'] as const;
export type Unit = (typeof units)[number];
const seconds: Record<Unit, number> = { s: 1, min: 60, h: 3600, d: 86_400 };

export function isUnit(value: string | null): value is Unit {
  return units.some((unit) => unit === value);
}

export interface RuleForm {
  kind: AlertKind;
  name: string;
  enabled: boolean;
  definition: string;
  errorCode: string;
  pool: string;
  after: number;
  unit: Unit;
  repeatHours: number;
  locale: 'en' | 'ru';
  emails: string[];
  webhookUrl: string;
  /** Empty keeps the present one. */
  webhookSecret: string;
}

const usualAfter: Record<AlertKind, { after: number; unit: Unit }> = {
  incident_opened: { after: 0, unit: 'min' },
  pool_without_worker: { after: 1, unit: 'min' },
  queue_too_old: { after: 15, unit: 'min' },
  process_over_time: { after: 1, unit: 'd' },
};

export function withKind(form: RuleForm, kind: AlertKind): RuleForm {
  return { ...form, kind, ...usualAfter[kind] };
}

export function newForm(language: string): RuleForm {
  return withKind(
    {
      kind: 'incident_opened', name: '', enabled: true, definition: '', errorCode: '', pool: '', after: 0, unit: 'min', repeatHours: 0,
      locale: language.startsWith('ru') ? 'ru' : 'en', emails: [], webhookUrl: '', webhookSecret: '',
    },
    'incident_opened',
  );
}

/** The largest unit that shows the seconds whole. */
export function split(total: number): { after: number; unit: Unit } {
  const unit = [...units].reverse().find((candidate) => total > 0 && total % seconds[candidate] === 0) ?? 's';
  return { after: total / seconds[unit], unit };
}

export function formOf(rule: AlertRule): RuleForm {
  return {
    kind: rule.kind, name: rule.name, enabled: rule.enabled, definition: rule.definition ?? '', errorCode: rule.error_code ?? '',
    pool: rule.pool ?? '', ...split(rule.after_s), repeatHours: rule.repeat_s / 3600, locale: rule.locale, emails: rule.emails,
    webhookUrl: rule.webhook_url ?? '', webhookSecret: '',
  };
}

export function fieldsOf(form: RuleForm): AlertRuleFields {
  const ofProcess = form.kind === 'incident_opened' || form.kind === 'process_over_time';
  return {
    name: form.name.trim(), enabled: form.enabled, locale: form.locale, emails: form.emails,
    definition: ofProcess ? form.definition.trim() : '',
    error_code: form.kind === 'incident_opened' ? form.errorCode.trim() : '',
    pool: ofProcess ? '' : form.pool.trim(),
    after_s: form.kind === 'incident_opened' ? 0 : Math.round(form.after * seconds[form.unit]),
    repeat_s: Math.round(form.repeatHours * 3600),
    webhook_url: form.webhookUrl.trim(),
    ...(form.webhookSecret === '' ? {} : { webhook_secret: form.webhookSecret }),
  };
}

export function fieldsOfRule(rule: AlertRule, enabled: boolean): AlertRuleFields {
  return { ...fieldsOf(formOf(rule)), enabled, after_s: rule.after_s, repeat_s: rule.repeat_s };
}

/** A secret that nobody guesses, for the receiver to check signatures with. */
export function randomSecret(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
