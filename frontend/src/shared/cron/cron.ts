// Cron rules as people think of them: a few usual ones with a time and a day, and whatever else five fields can say.

export const PRESETS = ['minutes', 'hourly', 'daily', 'weekdays', 'weekly', 'monthly', 'own'] as const;
export type Preset = (typeof PRESETS)[number];

export interface Rule {
  preset: Preset;
  /** Of minutes: the step. */
  step: number;
  /** Of hourly: the minute. */
  minute: number;
  /** HH:MM. */
  time: string;
  /** 0 is Sunday. */
  weekday: number;
  day: number;
  /** Of own. */
  text: string;
}

export const STEPS: readonly number[] = [1, 2, 5, 10, 15, 20, 30];

const usual: Rule = { preset: 'own', step: 15, minute: 0, time: '09:00', weekday: 1, day: 1, text: '' };

const two = (n: number): string => String(n).padStart(2, '0');

function within(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,2}$/.test(text)) return undefined;
  const n = Number(text);
  return n >= least && n <= most ? n : undefined;
}

/** Which of the usual rules five fields are; own when none. */
export function readCron(text: string): Rule {
  const own: Rule = { ...usual, text };
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 5) return own;
  const [minutes, hours, day, month, weekday] = fields;
  if (month !== '*') return own;
  const step = /^\*(?:\/(\d{1,2}))?$/.exec(minutes ?? '');
  if (step && hours === '*' && day === '*' && weekday === '*') {
    const every = Number(step[1] ?? '1');
    return STEPS.includes(every) ? { ...own, preset: 'minutes', step: every } : own;
  }
  const minute = within(minutes, 0, 59);
  if (minute === undefined) return own;
  if (hours === '*') return day === '*' && weekday === '*' ? { ...own, preset: 'hourly', minute } : own;
  const hour = within(hours, 0, 23);
  if (hour === undefined) return own;
  const at = { ...own, time: `${two(hour)}:${two(minute)}` };
  if (day === '*' && weekday === '*') return { ...at, preset: 'daily' };
  if (day === '*' && weekday === '1-5') return { ...at, preset: 'weekdays' };
  const onWeekday = within(weekday, 0, 6);
  if (day === '*' && onWeekday !== undefined) return { ...at, preset: 'weekly', weekday: onWeekday };
  const onDay = within(day, 1, 31);
  if (weekday === '*' && onDay !== undefined) return { ...at, preset: 'monthly', day: onDay };
  return own;
}

/** The five fields of a rule. */
export function writeCron(rule: Rule): string {
  const [hour = 0, minute = 0] = rule.time.split(':').map(Number);
  switch (rule.preset) {
    case 'minutes':
      return rule.step === 1 ? '* * * * *' : `*/${rule.step} * * * *`;
    case 'hourly':
      return `${rule.minute} * * * *`;
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekdays':
      return `${minute} ${hour} * * 1-5`;
    case 'weekly':
      return `${minute} ${hour} * * ${rule.weekday}`;
    case 'monthly':
      return `${minute} ${hour} ${rule.day} * *`;
    case 'own':
      return rule.text;
  }
}

/** Another kind of rule, that says the same as far as it can. */
export function withPreset(rule: Rule, preset: Preset): Rule {
  return { ...rule, preset, text: writeCron(rule) };
}

type Translate = (key: string, params?: Record<string, unknown>) => string;

/** A usual rule in words, undefined for others. */
export function describeCron(text: string, t: Translate, language: string): string | undefined {
  const rule = readCron(text);
  if (rule.preset === 'own') return undefined;
  return t(`cron:said.${rule.preset}`, {
    count: rule.step, minute: two(rule.minute), time: rule.time, day: rule.day, weekday: weekdayName(rule.weekday, language),
  });
}

/** 2023-01-01 was a Sunday. */
export function weekdayName(weekday: number, language: string): string {
  return new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2023, 0, 1 + weekday));
}

/** The zones that the browser knows, with UTC first. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC');
  return ['UTC', ...known];
}

/** The zone that the browser is in. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A moment as the clock of a zone shows it; in UTC when the browser does not know the zone. */
export function inZone(at: string, zone: string, language: string): string {
  const options: Intl.DateTimeFormatOptions = {
    weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false, timeZoneName: 'short',
  };
  try {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: zone === '' ? 'UTC' : zone }).format(new Date(at));
  } catch {
    return new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' }).format(new Date(at));
  }
}
