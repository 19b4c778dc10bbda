import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import type { Why } from '@/shared/api/types';
import { formatMoment } from '@/shared/format/time';

const moment = /^\d{4}-\d{2}-\d{2}T/;

/** The parameter that a code counts by. */
const countOf: Record<string, string> = { hold_incident: 'incidents', queued_behind: 'n', waiting_child_incident: 'incidents' };

/** Codes whose text says more when more is known: the first of these whose parameters are all there. */
const fuller: Record<string, readonly (readonly [suffix: string, ...params: string[]])[]> = {
  no_worker: [['since', 'since']],
  hold_suspended: [['reason', 'reason']],
  hold_caller: [['reason', 'reason']],
  hold_incident: [['at', 'nodes']],
  retrying_until: [['of', 'most', 'until']],
  held_by_limit: [['key', 'value', 'n', 'most'], ['most', 'n', 'most'], ['rate', 'starts', 'per_seconds']],
};

function suffixOf(code: string, params: Record<string, unknown>): string {
  const found = fuller[code]?.find(([, ...names]) => names.every((name) => params[name] !== undefined && params[name] !== ''));
  return found === undefined ? '' : `_${found[0]}`;
}

/** Why a task does not move, in one line of the user's language; the server's English where no text of ours fits. */
export function whyText(why: Why, t: TFunction, language: string, exists: (key: string) => boolean): string {
  const params: Record<string, unknown> = Object.fromEntries(
    Object.entries(why.params ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' && moment.test(value) ? formatMoment(value, language) : value,
    ]),
  );
  const counted = countOf[why.code];
  if (counted !== undefined) params.count = Number(params[counted] ?? 0);
  const key = `process:why.${why.code}${suffixOf(why.code, params)}`;
  if (!exists(counted === undefined ? key : `${key}_other`)) return why.text_en ?? why.code;
  return t(key, params);
}

export function useWhyText(): (why: Why) => string {
  const { t, i18n } = useTranslation('process');
  return (why) => whyText(why, t, i18n.language, (key) => i18n.exists(key));
}
