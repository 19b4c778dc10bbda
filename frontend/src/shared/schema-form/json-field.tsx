import { JsonInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Json } from '@/shared/api/types';

import type { InputProps } from './field';

/** For what no form fits: JSON, checked as it is typed; the value changes only when it can be read. */
export function JsonField({ id, label, description, required, disabled, error, value, onChange }: InputProps) {
  const { t } = useTranslation('form');
  const [draft, setDraft] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [broken, setBroken] = useState(false);
  return (
    <JsonInput
      id={id}
      label={label}
      description={description}
      withAsterisk={required}
      disabled={disabled}
      error={broken ? t('issue.json') : error}
      autosize
      minRows={2}
      maxRows={14}
      value={draft}
      onChange={(text) => {
        setDraft(text);
        if (text.trim() === '') {
          setBroken(false);
          onChange(undefined);
          return;
        }
        try {
          onChange(JSON.parse(text) as Json);
          setBroken(false);
        } catch {
          setBroken(true);
        }
      }}
    />
  );
}
