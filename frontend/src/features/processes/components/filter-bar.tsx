import { DatePickerInput } from '@mantine/dates';
import { IconCalendar, IconSitemap } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { ProcessState } from '@/shared/api/types';
import { ClearFilters, DefinitionFilter, RemovableFilter, TextFilter } from '@/shared/ui/filter-bar';
import bar from '@/shared/ui/filter-bar.module.css';
import { lookOf } from '@/shared/ui/states';

import { isFiltered, joinStates, processStates, statesOf, type ProcessesSearch } from '../model/filter';
import classes from './filter-bar.module.css';

interface FilterBarProps {
  search: ProcessesSearch;
  onChange: (search: ProcessesSearch) => void;
}

/** customId AND states AND definition AND dates; all of it in the URL. */
export function FilterBar({ search, onChange }: FilterBarProps) {
  const { t, i18n } = useTranslation('processes');
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
      <div className={bar.row}>
        <TextFilter
          label={t('filter.custom_id')}
          value={search.custom_id_prefix ?? ''}
          onChange={(prefix) => {
            set({ custom_id_prefix: prefix === '' ? undefined : prefix });
          }}
        />
        <DefinitionFilter
          value={search.definition}
          onChange={(definition) => {
            set({ definition });
          }}
        />
        <DatePickerInput
          className={bar.other}
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
      <div className={bar.row}>
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
          <RemovableFilter
            label={t('filter.error', { code: search.error_code })}
            onRemove={() => {
              set({ error_code: undefined });
            }}
          />
        )}
        {search.version !== undefined && (
          <RemovableFilter
            label={`v${search.version}`}
            onRemove={() => {
              set({ version: undefined });
            }}
          />
        )}
        {isFiltered(search) && (
          <ClearFilters
            onClear={() => {
              onChange({});
            }}
          />
        )}
      </div>
    </section>
  );
}
