// Why a file could not be read or written, in the reader's words.

import i18next from 'i18next';

import { UnreadableFile } from '@/shared/bpmn/failure';

export function failureText(error: unknown): string {
  if (error instanceof UnreadableFile) return i18next.t(`interchange:failure.${error.code}`, error.params);
  return error instanceof Error ? error.message : String(error);
}
