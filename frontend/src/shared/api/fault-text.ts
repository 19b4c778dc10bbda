import type { i18n as I18n, TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { formatSize } from '@/shared/format/size';
import { formatDateTime } from '@/shared/format/time';

import { ApiError } from './problem';

type Texts = Pick<I18n, 'getResource' | 'language'>;

const moment = /^\d{4}-\d{2}-\d{2}T/;
const placeholder = /\{\{(\w+)\}\}/g;

/** What a text is made of: moments, numbers and sizes as people write them. */
function readable(params: Record<string, unknown>, t: TFunction, language: string): Record<string, unknown> {
  const entries = Object.entries(params).map(([name, value]): [string, unknown] => {
    if (typeof value === 'string' && moment.test(value)) return [name, formatDateTime(value, language)];
    return [name, typeof value === 'number' ? value.toLocaleString(language) : value];
  });
  const { bytes } = params;
  return { ...Object.fromEntries(entries), ...(typeof bytes === 'number' && { size: formatSize(bytes, t, language) }) };
}

/** The text of a code in the reader's language; undefined where there is none, or what it names is not given. */
export function textOfCode(code: string, params: Record<string, unknown>, t: TFunction, i18n: Texts): string | undefined {
  const text: unknown = i18n.getResource(i18n.language, 'faults', code);
  if (typeof text !== 'string') return undefined;
  const given = readable(params, t, i18n.language);
  if ([...text.matchAll(placeholder)].some(([, name = '']) => given[name] === undefined)) return undefined;
  return t(`faults:${code}`, given);
}

/** Why something was refused, in the reader's language where its code is known, else in the server's words. */
export function faultText(error: unknown, t: TFunction, i18n: Texts): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
  return textOfCode(error.code, error.params, t, i18n) ?? error.message;
}

export function useFaultText(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => faultText(error, t, i18n);
}

/** A refusal line by line: what is wrong where, else why. */
export function useFaultLines(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError) || error.issues.length === 0) return faultText(error, t, i18n);
    return error.issues
      .map(({ path, code, params, message }) => [path, textOfCode(code, params ?? {}, t, i18n) ?? message].filter((part) => part !== undefined && part !== '').join(': '))
      .join('\n');
  };
}
