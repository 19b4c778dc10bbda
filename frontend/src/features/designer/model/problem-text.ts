// A problem in the reader's words: the text of its code, else what the server said.

import type { TFunction } from 'i18next';

import type { DecisionTask } from '@/shared/graph/types';

import type { Problem } from './problems';
import { columnName, placeOf } from './table-edit';

/** Where in a decision table a problem is: "rule 3, column amount"; undefined for any other, and for the table as a whole. */
export function tablePlace(t: TFunction, { field }: Pick<Problem, 'field'>, table: DecisionTask | undefined): string | undefined {
  if (table === undefined) return undefined;
  const [, row, cell] = /^\/decision\/rules\/(\d+)(\/(?:when|then)\/\d+)?/.exec(field) ?? [];
  const head = /^\/decision\/(?:input|output)(?:s|_columns)\/\d+/.test(field);
  const column = head || cell !== undefined ? columnName(table, placeOf(table, field).column) : undefined;
  if (row === undefined) return column === undefined ? undefined : t('designer:decision.at_column', { column });
  const number = Number(row) + 1;
  return column === undefined ? t('designer:decision.at_rule', { number }) : t('designer:decision.at_cell', { number, column });
}

export function problemText(t: TFunction, problem: Problem): string {
  const { message, code, params } = problem;
  if (code === 'decision.cell' && params.reason !== undefined && params.reason !== '') {
    return t('problems:decision.cell', { detail: t(`designer:decision.unreadable.${params.reason}`, { text: params.text, defaultValue: message }) });
  }
  return t(`problems:${code}`, { ...params, message, defaultValue: message === '' ? code : message });
}
