import type { FailureCode } from '@/shared/bpmn/failure';
import type { ReadFile } from '@/shared/bpmn/import';
import type { Choice } from '@/shared/bpmn/report';
import type { About, WrittenFile } from '@/shared/bpmn/write';
import type { GraphDocument } from '@/shared/graph/types';

export type Question = { task: 'read'; bytes: Uint8Array; choice: Choice | undefined } | { task: 'write'; doc: GraphDocument; about: About };

export type Answer =
  | { ok: true; task: 'read'; file: ReadFile }
  | { ok: true; task: 'write'; file: WrittenFile }
  | { ok: false; code: FailureCode; params: Readonly<Record<string, string | number>> };
