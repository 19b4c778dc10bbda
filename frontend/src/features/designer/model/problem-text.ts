// A problem in the reader's words: the text of its code, else what the server said.

import type { TFunction } from 'i18next';

import type { Problem } from './problems';

export function problemText(t: TFunction, problem: Problem): string {
  const { message, code, params } = problem;
  return t(`problems:${code}`, { ...params, message, defaultValue: message === '' ? code : message });
}
