import { createSpotlight, Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowRight, IconSchema, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, take } from '@/shared/api/client';
import { useMay, useMe } from '@/shared/session/me';
import { StatusBadge, StatusIcon } from '@/shared/ui/status';

import { placesFor } from './places';
import classes from './search-box.module.css';

const [store, actions] = createSpotlight();

export function openSearch(): void {
  actions.open();
}

/** Results that come late stand above what was chosen before them: the choice goes back to the first, unless someone moved it. */
function chooseFirst(): void {
  const { listId, selected } = store.getState();
  if (selected > 0 || listId === '') return;
  const list = document.getElementById(listId);
  list?.querySelector('[data-selected]')?.removeAttribute('data-selected');
  list?.querySelector('[data-action]')?.setAttribute('data-selected', 'true');
  store.updateState((state) => ({ ...state, selected: 0 }));
}

/** Ctrl+K: a customId, a definition, a place. Found processes come from the server as one types. */
export function SearchBox() {
  const { t } = useTranslation('common');
  const me = useMe();
  const may = useMay();
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  const [prefix] = useDebouncedValue(query.trim(), 150);

  const processes = useQuery({
    queryKey: ['search', 'processes', prefix],
    queryFn: ({ signal }) =>
      take(api.GET('/processes', { params: { query: { custom_id_prefix: prefix, limit: 8 } }, signal })),
    enabled: prefix !== '' && may('process.read'),
    placeholderData: keepPreviousData,
  });
  const definitions = useQuery({
    queryKey: ['search', 'definitions', prefix],
    queryFn: ({ signal }) =>
      take(api.GET('/definitions', { params: { query: { q: prefix, limit: 5 } }, signal })),
    enabled: prefix !== '' && may('definition.read'),
    placeholderData: keepPreviousData,
  });

  useEffect(() => {
    if (query !== '') chooseFirst();
  }, [query, processes.data, definitions.data]);

  const matching = query.trim().toLowerCase();
  const groups: SpotlightActionGroupData[] = [];
  if (matching) {
    groups.push({
      group: t('search.processes'),
      actions: [
        ...(processes.data?.items ?? []).map((process) => ({
          id: process.id,
          label: process.custom_id,
          description: `${process.definition_title || process.definition} · v${process.version}`,
          leftSection: <StatusIcon state={process.state} size={20} />,
          rightSection: <StatusBadge state={process.state} />,
          onClick: () => void navigate({ to: '/processes/$processId', params: { processId: process.id } }),
        })),
        {
          id: 'all-processes',
          label: t('search.all', { query: query.trim() }),
          leftSection: <IconSearch size={18} stroke={1.7} />,
          onClick: () => void navigate({ to: '/processes', search: { custom_id_prefix: query.trim() } }),
        },
      ],
    });
    const found = definitions.data?.items ?? [];
    if (found.length > 0) {
      groups.push({
        group: t('search.definitions'),
        actions: found.map((definition) => ({
          id: `definition-${definition.key}`,
          label: definition.title,
          description: definition.key,
          leftSection: <IconSchema size={20} stroke={1.7} />,
          onClick: () => void navigate({ to: '/definitions/$key', params: { key: definition.key } }),
        })),
      });
    }
  }
  const places = placesFor(me)
    .map((place) => ({ place, label: t(`nav.${place.name}`) }))
    .filter(({ label }) => label.toLowerCase().includes(matching));
  if (places.length > 0) {
    groups.push({
      group: t('search.places'),
      actions: places.map(({ place, label }) => ({
        id: `place-${place.name}`,
        label,
        leftSection: <place.icon size={20} stroke={1.7} />,
        rightSection: <IconArrowRight size={15} className={classes.arrow} />,
        onClick: () => void navigate({ to: place.to }),
      })),
    });
  }

  return (
    <Spotlight
      store={store}
      shortcut={['mod + K']}
      actions={groups}
      query={query}
      onQueryChange={setQuery}
      // The server has filtered already; a second filter would hide what it found.
      filter={(_, all) => all}
      nothingFound={t('search.nothing', { query })}
      scrollable
      maxHeight={480}
      size={620}
      radius={14}
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.7} />,
        placeholder: t('search.hint'),
        'aria-label': t('search.open'),
      }}
    />
  );
}
