import type { i18n as I18n, TFunction } from 'i18next';

import type { BulkItem } from '@/shared/api/types';

/** Whose refusals name the steps that stand against it, after a colon. */
const detailed: ReadonlySet<string> = new Set(['migrate.refused']);

/** Why an item is refused, in the reader's language where the code is known. */
export function refusalText({ code, message = '' }: Pick<BulkItem, 'code' | 'message'>, t: TFunction, i18n: Pick<I18n, 'exists'>): string {
  if (code === undefined) return message;
  const key = `bulk:refusal.${code.replaceAll('.', '_')}`;
  if (!i18n.exists(key)) return message;
  const colon = message.indexOf(': ');
  return detailed.has(code) && colon >= 0 ? `${t(key)}${message.slice(colon)}` : t(key);
}
