import type { i18n as I18n, TFunction } from 'i18next';

import { textOfCode } from '@/shared/api/fault-text';
import type { BulkItem } from '@/shared/api/types';
import { migrationIssueText } from '@/shared/run/migration-issue';

/** Why an item is refused, with what stands against it, in the reader's language where the codes are known. */
export function refusalText(
  { code, message = '', issues = [] }: Pick<BulkItem, 'code' | 'message' | 'issues'>,
  t: TFunction,
  i18n: Pick<I18n, 'exists' | 'getResource' | 'language'>,
): string {
  if (code === undefined) return message;
  const key = `bulk:refusal.${code.replaceAll('.', '_')}`;
  const why = i18n.exists(key) ? t(key) : textOfCode(code, {}, t, i18n);
  if (why === undefined) return message;
  if (issues.length === 0) {
    // Jobs of an earlier release kept only words.
    const colon = message.indexOf(': ');
    return code === 'migrate.refused' && colon >= 0 ? `${why}${message.slice(colon)}` : why;
  }
  const remarks = issues.map((issue) => `${issue.node === undefined || issue.node === '' ? '' : `${issue.node}: `}${migrationIssueText(issue, t, i18n)}`);
  return `${why}: ${remarks.join('; ')}`;
}
