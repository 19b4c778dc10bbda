import { JsonInput, SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { JsonObject } from '@/shared/api/types';

import { asSchema, resolve, type Schema } from './schema';
import { SchemaForm } from './schema-form';
import type { FieldIssue } from './validate';

interface ValueEditorProps {
  schema: Schema;
  value: JsonObject;
  issues: readonly FieldIssue[];
  processId?: string;
  onChange: (value: JsonObject) => void;
  /** False while the JSON tab holds text that is no object. */
  onReadable: (readable: boolean) => void;
}

/** One value, two ways to edit it: a form from the schema, or the JSON itself. */
export function ValueEditor({ schema, value, issues, processId, onChange, onReadable }: ValueEditorProps) {
  const { t } = useTranslation('form');
  const hasForm = Object.keys(asSchema(resolve(schema, schema).properties)).length > 0;
  const [tab, setTab] = useState<'form' | 'json'>(hasForm ? 'form' : 'json');
  const [draft, setDraft] = useState<string>();
  const [broken, setBroken] = useState<string>();

  const type = (text: string) => {
    setDraft(text);
    const complaint = read(text);
    setBroken(complaint === undefined ? undefined : t(complaint));
    onReadable(complaint === undefined);
    if (complaint === undefined) onChange(JSON.parse(text) as JsonObject);
  };
  const show = (next: string) => {
    setTab(next === 'json' ? 'json' : 'form');
    setDraft(undefined);
    setBroken(undefined);
    onReadable(true);
  };

  return (
    <Stack gap="sm">
      {hasForm && (
        <SegmentedControl
          size="xs"
          w="fit-content"
          value={tab}
          onChange={show}
          data={[
            { value: 'form', label: t('tab.form') },
            { value: 'json', label: t('tab.json') },
          ]}
        />
      )}
      {tab === 'form' ? (
        <SchemaForm
          schema={schema}
          value={value}
          onChange={onChange}
          issues={issues}
          {...(processId === undefined ? {} : { processId })}
        />
      ) : (
        <JsonInput
          aria-label="JSON"
          value={draft ?? JSON.stringify(value, null, 2)}
          error={broken ?? (issues.length > 0 ? issues.map((issue) => issue.message ?? `${issue.path}: ${issue.code}`).join('\n') : undefined)}
          autosize
          minRows={6}
          maxRows={18}
          onChange={type}
        />
      )}
    </Stack>
  );
}

/** What is wrong with the text, as a key of the catalog. */
function read(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const object = parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed);
    return object ? undefined : 'issue.object';
  } catch {
    return 'issue.json';
  }
}
