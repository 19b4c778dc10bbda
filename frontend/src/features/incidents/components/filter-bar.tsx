import { Select } from '@mantine/core';
import { IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { ClearFilters, DefinitionFilter, RemovableFilter, TextFilter } from '@/shared/ui/filter-bar';
import bar from '@/shared/ui/filter-bar.module.css';

import { ages, isFiltered, parseIncidentsSearch, type IncidentsSearch } from '../model/search';

interface FilterBarProps {
  search: IncidentsSearch;
  onChange: (search: IncidentsSearch) => void;
}

/** Text AND definition AND node AND error AND age; all of it in the URL. */
export function FilterBar({ search, onChange }: FilterBarProps) {
  const { t } = useTranslation('incidents');
  const set = (part: Partial<Record<keyof IncidentsSearch, unknown>>) => {
    onChange(parseIncidentsSearch({ ...search, ...part }));
  };
  return (
    <section className={bar.row} aria-label={t('filter.label')}>
      <TextFilter label={t('filter.text')} value={search.text ?? ''} onChange={(text) => { set({ text }); }} />
      <DefinitionFilter value={search.definition} onChange={(definition) => { set({ definition, node: undefined }); }} />
      <Select
        className={bar.other}
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
        return value === undefined ? null : <RemovableFilter key={name} label={t(`filter.${name}`, { value })} onRemove={() => { set({ [name]: undefined }); }} />;
      })}
      {isFiltered(search) && <ClearFilters onClear={() => { onChange({}); }} />}
    </section>
  );
}
