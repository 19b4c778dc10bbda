// What a person says of a schedule while it is edited, and what is sent of it.

import type { JsonObject, Schedule, ScheduleRule } from '@/shared/api/types';
import { ownZone } from '@/shared/cron/cron';

export const MISFIRES = ['run_once', 'catch_up', 'skip'] as const;
export type Misfire = (typeof MISFIRES)[number];

export const OVERLAPS = ['allow', 'skip', 'queue', 'cancel_old'] as const;
export type Overlap = (typeof OVERLAPS)[number];

export interface RuleForm {
  name: string;
  definition: string;
  /** 0: the latest when it fires. */
  version: number;
  cron: string;
  zone: string;
  /** JSON of an object, as it is typed. */
  input: string;
  customId: string;
  priority: number;
  misfire: Misfire;
  catchUpMost: number;
  lateAfterS: number;
  overlap: Overlap;
  maxRunning: number;
  /** 0: no limit. */
  maxErrors: number;
}

export function newRule(definition: string): RuleForm {
  const zone = ownZone();
  return {
    name: '', definition, version: 0, cron: '0 9 * * *', zone: zone === 'UTC' ? '' : zone, input: '{}', customId: '', priority: 3,
    misfire: 'run_once', catchUpMost: 10, lateAfterS: 60, overlap: 'allow', maxRunning: 1, maxErrors: 0,
  };
}

export function formOf(schedule: Schedule): RuleForm {
  return {
    name: schedule.name, definition: schedule.definition, version: schedule.version ?? 0, cron: schedule.cron, zone: schedule.zone ?? '',
    input: JSON.stringify(schedule.input ?? {}, null, 2), customId: schedule.custom_id ?? '', priority: schedule.priority ?? 3,
    misfire: schedule.misfire ?? 'run_once', catchUpMost: schedule.catch_up_most ?? 10, lateAfterS: schedule.late_after_s ?? 60,
    overlap: schedule.overlap ?? 'allow', maxRunning: schedule.max_running ?? 1, maxErrors: schedule.max_errors ?? 0,
  };
}

/** The object that a text is the JSON of, undefined when it is none. */
export function objectOf(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() === '' ? '{}' : text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

export function ruleOf(form: RuleForm): ScheduleRule {
  return {
    name: form.name.trim(), definition: form.definition, cron: form.cron.trim(), input: objectOf(form.input) ?? {}, priority: form.priority,
    misfire: form.misfire, catch_up_most: form.catchUpMost, late_after_s: form.lateAfterS, overlap: form.overlap, max_running: form.maxRunning,
    max_errors: form.maxErrors,
    ...(form.version === 0 ? {} : { version: form.version }), ...(form.zone === '' ? {} : { zone: form.zone }),
    ...(form.customId === '' ? {} : { custom_id: form.customId }),
  };
}
