import type { i18n as I18n, TFunction } from 'i18next';

import { textOfCode } from '../api/fault-text';

export interface MigrationRemark {
  code?: string;
  node?: string;
  message: string;
  params?: Record<string, unknown>;
}

type Texts = Pick<I18n, 'exists' | 'getResource' | 'language'>;

/** Parameters that name steps. */
const steps: ReadonlySet<string> = new Set(['event', 'step', 'from', 'to']);
/** Codes whose from and to are other than steps. */
const plain: ReadonlySet<string> = new Set(['migrate.node_kind', 'migrate.node_type']);

/** What of a process has no place in another version, in the reader's language; the server's words for a code that is not known. */
export function migrationIssueText(remark: MigrationRemark, t: TFunction, i18n: Texts, nameOf: (node: string) => string = (node) => node): string {
  const { code = '', message, params = {} } = remark;
  const key = `process:dialog.migrate.issue.${code.replaceAll('.', '_')}`;
  if (!i18n.exists(key)) return message;
  const what = typeof params.what === 'string' ? params.what : undefined;
  const messages = what === 'message';
  const named = Object.entries(params).map(([name, value]): [string, unknown] => {
    if (code === 'migrate.node_kind' && typeof value === 'string') return [name, t(`designer:kind.${value}`, { defaultValue: value })];
    return [name, steps.has(name) && !plain.has(code) && !messages && typeof value === 'string' ? nameOf(value) : value];
  });
  const given = Object.fromEntries(named);
  if (typeof params.broken === 'string') given.detail = textOfCode(params.broken, params, t, i18n) ?? params.detail;
  return t(key, { ...given, ...(what !== undefined && { context: what }) });
}
