import { Button, Select, TextInput } from '@mantine/core';
import { IconClock, IconSchema, IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import { Pill } from '@/shared/ui/pill';

import classes from '../incidents.module.css';
import { ages, isFiltered, parseIncidentsSearch, type IncidentsSearch } from '../model/search';

interface FilterBarProps {
  search: IncidentsSearch;
  onChange: (search: IncidentsSearch) => void;
}

const typingPause = 220;

/** Text AND definition AND node AND error AND age; all of it in the URL. */
export function FilterBar({ search, onChange }: FilterBarProps) {
  const { t } = useTranslation('incidents');
  const definitions = useQuery(definitionsQuery(''));
  const set = (part: Partial<Record<keyof IncidentsSearch, unknown>>) => {
    onChange(parseIncidentsSearch({ ...search, ...part }));
  };
  return (
    <section className={classes.bar} aria-label={t('filter.label')}>
      <Typed value={search.text ?? ''} onChange={(text) => { set({ text }); }} />
      <Select
        className={classes.definition}
        aria-label={t('filter.definition')}
        placeholder={t('filter.any_definition')}
        leftSection={<IconSchema size={15} stroke={1.7} />}
        clearable
        searchable
        data={(definitions.data?.items ?? []).map((definition) => ({ value: definition.key, label: definition.title }))}
        value={search.definition ?? null}
        onChange={(definition) => { set({ definition, node: undefined }); }}
      />
      <Select
        className={classes.age}
        aria-label={t('filter.age')}
        placeholder={t('filter.any_age')}
        leftSection={<IconClock size={15} stroke={1.7} />}
        clearable
        data={ages.map((age) => ({ value: age, label: t(`age.${age}`) }))}
        value={search.age ?? null}
        onChange={(age) => { set({ age }); }}
      />
      {(['node', 'code'] as const).map((name) => {
        const value = search[name];
        if (value === undefined) return null;
        const label = t(`filter.${name}`, { value });
        return (
          <Pill key={name} tone="accent">
            {label}
            <button type="button" className={classes.remove} aria-label={t('filter.remove', { label })} onClick={() => { set({ [name]: undefined }); }}>
              <IconX size={12} />
            </button>
          </Pill>
        );
      })}
      {isFiltered(search) && (
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconX size={13} />} onClick={() => { onChange({}); }}>
          {t('clear')}
        </Button>
      )}
    </section>
  );
}

/** The address follows the typing after a pause; a changed address follows into the field. */
function Typed({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation('incidents');
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
      aria-label={t('filter.text')}
      placeholder={t('filter.text')}
      leftSection={<IconSearch size={15} stroke={1.7} />}
      value={typed}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          onChange(next.trim());
        }, typingPause);
      }}
    />
  );
}
