// The form that a node keeps, and its changes, each a step that can be undone.

import { useCallback } from 'react';

import type { GraphNode, JsonObject } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { NEW_FORM } from '../model/form-schema';
import { withInputSchema } from '../model/input-fields';

export type FormPointer = '/start/input_schema' | '/user/form';

export function formPointerOf(node: GraphNode): FormPointer | undefined {
  if (node.kind === 'user_task') return '/user/form';
  return node.kind === 'start_event' && node.parent === undefined ? '/start/input_schema' : undefined;
}

function formOf(node: GraphNode): JsonObject | undefined {
  return node.kind === 'user_task' ? node.user?.form : node.start?.input_schema;
}

/** Processes go on being found by a field that is called otherwise. */
function followed(node: GraphNode, renamed: { from: string; to: string } | undefined): GraphNode {
  const keys = node.start?.search_keys;
  if (renamed === undefined || keys === undefined) return node;
  return { ...node, start: { ...node.start, search_keys: keys.map((key) => (key === renamed.from ? renamed.to : key)) } };
}

function withForm(node: GraphNode, schema: JsonObject): GraphNode {
  if (node.kind === 'user_task') return { ...node, user: { ...node.user, form: schema } };
  return { ...node, start: withInputSchema(node.start ?? {}, schema) };
}

export interface FormEdit {
  schema: JsonObject;
  pointer: FormPointer;
  change: (step: string, field: string, change: (schema: JsonObject) => JsonObject, more?: { typing?: string; renamed?: { from: string; to: string } }) => void;
  endTyping: () => void;
}

export function useForm(node: GraphNode): FormEdit {
  const { change, endTyping } = useNodeEdit(node.id);
  const pointer = formPointerOf(node) ?? '/user/form';
  const changeForm = useCallback<FormEdit['change']>(
    (step, field, next, more = {}) => {
      change(
        { key: `step.${step}`, params: { field } },
        (each) => {
          const before = formOf(each) ?? NEW_FORM;
          const after = next(before);
          return after === before ? each : withForm(followed(each, more.renamed), after);
        },
        more.typing === undefined ? undefined : `${pointer}/${more.typing}`,
      );
    },
    [change, pointer],
  );
  return { schema: formOf(node) ?? NEW_FORM, pointer, change: changeForm, endTyping };
}
