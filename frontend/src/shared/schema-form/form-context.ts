import { createContext, use } from 'react';
import { useTranslation } from 'react-i18next';

import type { FieldIssue } from './validate';
import type { Schema } from './schema';

export interface FormContextValue {
  root: Schema;
  issues: readonly FieldIssue[];
  disabled: boolean;
  /** Files in the value can be downloaded with this process. */
  processId: string | undefined;
}

export const FormContext = createContext<FormContextValue | undefined>(undefined);

export function useForm(): FormContextValue {
  const context = use(FormContext);
  if (!context) throw new Error('a field outside of SchemaForm');
  return context;
}

/** The complaint about one field in the user's language, or undefined. */
export function useComplaint(path: string): string | undefined {
  const { issues } = useForm();
  const { t, i18n } = useTranslation('form');
  const issue = issues.find((candidate) => candidate.path === path);
  if (!issue) return undefined;
  const key = `issue.${issue.code}`;
  if (issue.message !== undefined) return issue.message;
  return i18n.exists(`form:${key}`) ? t(key, { limit: issue.limit }) : t('issue.other');
}
