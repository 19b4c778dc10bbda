// What the filters above a list are made of: a text, a definition, what was chosen elsewhere and can be taken away.

import { Button, Select, TextInput } from '@mantine/core';
import { IconSchema, IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '../api/definitions';
import classes from './filter-bar.module.css';
import { Pill } from './pill';

const TYPING_PAUSE_MS = 220;

interface TextFilterProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** The address follows the typing after a pause; a changed address follows into the field. */
export function TextFilter({ label, value, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setTyped(value);
  }
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return (
    <TextInput
      className={classes.text}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={15} stroke={1.7} />}
      value={typed}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          onChange(next.trim());
        }, TYPING_PAUSE_MS);
      }}
    />
  );
}

export function DefinitionFilter({ value, onChange }: { value: string | undefined; onChange: (definition: string | undefined) => void }) {
  const { t } = useTranslation('common');
  const definitions = useQuery(definitionsQuery(''));
  return (
    <Select
      className={classes.definition}
      aria-label={t('filter.definition')}
      placeholder={t('filter.any_definition')}
      leftSection={<IconSchema size={15} stroke={1.7} />}
      clearable
      searchable
      data={(definitions.data?.items ?? []).map((definition) => ({ value: definition.key, label: definition.title }))}
      value={value ?? null}
      onChange={(definition) => {
        onChange(definition ?? undefined);
      }}
    />
  );
}

export function RemovableFilter({ label, onRemove }: { label: string; onRemove: () => void }) {
  const { t } = useTranslation('common');
  return (
    <Pill tone="accent">
      {label}
      <button type="button" className={classes.remove} aria-label={t('filter.remove', { label })} onClick={onRemove}>
        <IconX size={12} />
      </button>
    </Pill>
  );
}

export function ClearFilters({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation('common');
  return (
    <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconX size={13} />} onClick={onClear}>
      {t('filter.clear')}
    </Button>
  );
}
