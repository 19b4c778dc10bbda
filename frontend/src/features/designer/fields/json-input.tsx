// A value that has no form of its own, written as JSON; kept once it can be read.

import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Json } from '@/shared/graph/types';

import classes from './field-frame.module.css';
import type { LiteralInputProps } from './literal-input';

function parse(text: string): { json: Json } | undefined {
  try {
    return { json: JSON.parse(text) as Json };
  } catch {
    return undefined;
  }
}

export function JsonInput({ value, onChange, onBlur, label, invalid }: Pick<LiteralInputProps, 'value' | 'onChange' | 'onBlur' | 'label' | 'invalid'>) {
  const { t } = useTranslation('designer');
  const [draft, setDraft] = useState<string>();
  const text = draft ?? (value === undefined ? '' : JSON.stringify(value, null, 2));
  const wrong = text.trim() !== '' && parse(text) === undefined;
  return (
    <Textarea
      className={classes.mono}
      aria-label={label}
      autosize
      minRows={2}
      maxRows={16}
      value={text}
      placeholder="{ }"
      error={wrong ? t('field.not_json') : invalid}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setDraft(next);
        const read = parse(next);
        if (next.trim() === '') onChange(undefined, true);
        else if (read !== undefined) onChange(read.json, true);
      }}
      onBlur={() => {
        if (!wrong) setDraft(undefined);
        onBlur();
      }}
    />
  );
}
