// A duration, typed as "10 s" or "5 min".

import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { parseDuration, shortDuration } from '../model/duration';

interface DurationInputProps {
  label: string;
  value: number | undefined;
  /** What is taken when nothing is given. */
  usual: number | undefined;
  onChange: (ms: number | undefined) => void;
  onBlur: () => void;
}

export function DurationInput({ label, value, usual, onChange, onBlur }: DurationInputProps) {
  const { t, i18n } = useTranslation('designer');
  const [typed, setTyped] = useState<string>();
  const shown = value === undefined || value === 0 ? '' : shortDuration(value, i18n.language);
  const wrong = typed !== undefined && parseDuration(typed) === null;
  return (
    <TextInput
      aria-label={label}
      value={typed ?? shown}
      placeholder={usual === undefined ? t('duration.none') : shortDuration(usual, i18n.language)}
      error={wrong ? t('duration.wrong') : false}
      onChange={(event) => {
        const text = event.currentTarget.value;
        setTyped(text);
        const ms = parseDuration(text);
        if (ms !== null) onChange(ms === 0 ? undefined : ms);
      }}
      onBlur={() => {
        setTyped(undefined);
        onBlur();
      }}
    />
  );
}
