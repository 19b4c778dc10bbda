import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/problem';
import type { Json, JsonObject } from '@/shared/api/types';
import { asSchema, type Schema } from '@/shared/schema-form/schema';
import { ValueEditor } from '@/shared/schema-form/value-editor';
import { issuesBelow, validate, type FieldIssue } from '@/shared/schema-form/validate';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

interface InputDialogProps {
  title: string;
  explanation: string;
  confirm: string;
  schema: Schema;
  initial: Json;
  processId: string;
  /** Present when the operation may also change the customId. */
  customId?: string;
  /** Where the value stands in the request's body. */
  issuePrefix: string;
  /** The schema draws the form but the value may break it: the server decides. */
  lenient?: boolean;
  onClose: () => void;
  onSubmit: (reason: string, value: JsonObject, customId: string | undefined) => Promise<void>;
}

/** An operation that takes a value: as a form from its schema, or as JSON. */
export function InputDialog(props: InputDialogProps) {
  const { t } = useTranslation('process');
  const [value, setValue] = useState<JsonObject>(() => asSchema(props.initial));
  const [readable, setReadable] = useState(true);
  const [customId, setCustomId] = useState(props.customId);
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);

  const submit = async (reason: string) => {
    const found = props.lenient ? [] : validate(props.schema, value);
    setIssues(found);
    if (found.length > 0) throw new Error(t('dialog.check_fields'));
    try {
      await props.onSubmit(reason, value, customId?.trim() === props.customId ? undefined : customId?.trim());
    } catch (error) {
      if (error instanceof ApiError) setIssues(issuesBelow(error.issues, props.issuePrefix));
      throw error;
    }
  };

  return (
    <ReasonDialog
      opened
      onClose={props.onClose}
      title={props.title}
      explanation={props.explanation}
      confirm={props.confirm}
      size={620}
      ready={readable}
      onConfirm={submit}
    >
      {customId !== undefined && (
        <TextInput
          label="customId"
          value={customId}
          required
          onChange={(event) => {
            setCustomId(event.currentTarget.value);
          }}
        />
      )}
      <ValueEditor
        schema={props.schema}
        value={value}
        issues={issues}
        processId={props.processId}
        onReadable={setReadable}
        onChange={(next) => {
          setValue(next);
          setIssues([]);
        }}
      />
    </ReasonDialog>
  );
}
