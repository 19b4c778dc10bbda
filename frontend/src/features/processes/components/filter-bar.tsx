import { Button, Select, TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { IconCalendar, IconSchema, IconSearch, IconSitemap, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import type { ProcessState } from '@/shared/api/types';
import { Pill } from '@/shared/ui/pill';
import { lookOf } from '@/shared/ui/states';

import { isFiltered, joinStates, processStates, statesOf, type ProcessesSearch } from '../model/filter';
import classes from './filter-bar.module.css';

interface FilterBarProps {
  search: ProcessesSearch;
  onChange: (search: ProcessesSearch) => void;
}

const typingPause = 220;

/** customId AND states AND definition AND dates; all of it in the URL. */
export function FilterBar({ search, onChange }: FilterBarProps) {
  const { t, i18n } = useTranslation('processes');
  const definitions = useQuery(definitionsQuery(''));
  const set = (part: Partial<Record<keyof ProcessesSearch, unknown>>) => {
    const next = Object.fromEntries(Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined));
    onChange(next);
  };
  const states = statesOf(search);
  const toggle = (state: ProcessState) => {
    const next = states.includes(state) ? states.filter((other) => other !== state) : [...states, state];
    set({ state: joinStates(next) });
  };
  return (
    <section className={classes.bar} aria-label={t('filter.label')}>
      <div className={classes.row}>
        <PrefixInput
          value={search.custom_id_prefix ?? ''}
          onChange={(prefix) => {
            set({ custom_id_prefix: prefix === '' ? undefined : prefix });
          }}
        />
        <Select
          className={classes.definition}
          aria-label={t('filter.definition')}
          placeholder={t('filter.any_definition')}
          leftSection={<IconSchema size={15} stroke={1.7} />}
          clearable
          searchable
          data={(definitions.data?.items ?? []).map((definition) => ({ value: definition.key, label: definition.title }))}
          value={search.definition ?? null}
          onChange={(value) => {
            set({ definition: value ?? undefined });
          }}
        />
        <DatePickerInput
          className={classes.dates}
          type="range"
          aria-label={t('filter.dates')}
          placeholder={t('filter.any_date')}
          leftSection={<IconCalendar size={15} stroke={1.7} />}
          clearable
          allowSingleDateInRange
          locale={i18n.language}
          valueFormat={i18n.language === 'ru' ? 'DD.MM.YY' : 'D MMM YY'}
          maxDate={new Date()}
          value={[search.from ?? null, search.to ?? null]}
          onChange={([from, to]) => {
            set({ from: from ?? undefined, to: to ?? undefined });
          }}
        />
      </div>
      <div className={classes.row}>
        {processStates.map((state) => {
          const { icon: StateIcon, tone } = lookOf(state);
          const on = states.includes(state);
          return (
            <button
              key={state}
              type="button"
              className={classes.chip}
              aria-pressed={on}
              data-tone={tone}
              onClick={() => {
                toggle(state);
              }}
            >
              <StateIcon size={14} stroke={2} />
              {t(`common:state.${state}`)}
            </button>
          );
        })}
        <button
          type="button"
          className={classes.chip}
          aria-pressed={search.outermost === true}
          data-tone="accent"
          onClick={() => {
            set({ outermost: search.outermost === true ? undefined : true });
          }}
        >
          <IconSitemap size={14} stroke={2} />
          {t('filter.outermost')}
        </button>
        {search.error_code !== undefined && (
          <Removable
            label={t('filter.error', { code: search.error_code })}
            onRemove={() => {
              set({ error_code: undefined });
            }}
          />
        )}
        {search.version !== undefined && (
          <Removable
            label={`v${search.version}`}
            onRemove={() => {
              set({ version: undefined });
            }}
          />
        )}
        {isFiltered(search) && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<IconX size={13} />}
            onClick={() => {
              onChange({});
            }}
          >
            {t('clear')}
          </Button>
        )}
      </div>
    </section>
  );
}

function Removable({ label, onRemove }: { label: string; onRemove: () => void }) {
  const { t } = useTranslation('processes');
  return (
    <Pill tone="accent">
      {label}
      <button type="button" className={classes.remove} aria-label={t('filter.remove', { label })} onClick={onRemove}>
        <IconX size={12} />
      </button>
    </Pill>
  );
}

/** The address follows the typing after a pause; a changed address follows into the field. */
function PrefixInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation('processes');
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
      className={classes.prefix}
      aria-label={t('filter.custom_id')}
      placeholder={t('filter.custom_id')}
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
