import { Button, Group, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconCalendarTime, IconFilterOff, IconPlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '@/shared/session/me';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { LoadMore } from '@/shared/ui/listed';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';
import { Tabs } from '@/shared/ui/tabs';

import { schedulesQuery } from './api/schedules-api';
import { RuleDialog } from './components/rule-dialog';
import { ScheduleTable } from './components/schedule-table';
import { scheduleStates, type SchedulesSearch, type ScheduleState } from './model/search';

const route = getRouteApi('/schedules');

/** What starts by the clock: when it comes next, what became of the last time. */
export function SchedulesPage() {
  const { t } = useTranslation('schedules');
  const may = useMay();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [adding, setAdding] = useState(false);
  const list = useInfiniteQuery(schedulesQuery(search));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const change = (next: SchedulesSearch) => void navigate({ search: next, replace: true });
  const add = may('schedule.manage') && (
    <Button
      leftSection={<IconPlus size={15} />}
      onClick={() => {
        setAdding(true);
      }}
    >
      {t('add')}
    </Button>
  );
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} actions={add} />
      <Page>
        <Card flush>
          <Filters search={search} onChange={change} />
          {list.error ? (
            <ErrorState error={list.error} onRetry={() => void list.refetch()} />
          ) : list.isPending ? (
            <LoadingRows rows={6} />
          ) : rows.length > 0 ? (
            <ScheduleTable rows={rows} />
          ) : Object.keys(search).length > 0 ? (
            <EmptyState
              icon={IconFilterOff}
              title={t('nothing.title')}
              action={
                <Button
                  variant="default"
                  onClick={() => {
                    change({});
                  }}
                >
                  {t('nothing.clear')}
                </Button>
              }
            >
              {t('nothing.text')}
            </EmptyState>
          ) : (
            <EmptyState icon={IconCalendarTime} title={t('empty.title')} action={add}>
              {t('empty.text')}
            </EmptyState>
          )}
        </Card>
        <LoadMore list={list} />
      </Page>
      {adding && (
        <RuleDialog
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </>
  );
}

function Filters({ search, onChange }: { search: SchedulesSearch; onChange: (next: SchedulesSearch) => void }) {
  const { t } = useTranslation('schedules');
  const [text, setText] = useState(search.q ?? '');
  const look = useDebouncedCallback((q: string) => {
    const { q: _q, ...others } = search;
    onChange(q === '' ? others : { ...others, q });
  }, 250);
  return (
    <Tabs<ScheduleState | 'all'>
      label={t('title')}
      value={search.state ?? 'all'}
      tabs={(['all', ...scheduleStates] as const).map((state) => ({ value: state, label: t(`tab.${state}`) }))}
      onChange={(state) => {
        const { state: _state, ...others } = search;
        onChange(state === 'all' ? others : { ...others, state });
      }}
      aside={
        <Group gap="xs">
          <TextInput
            size="xs"
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<IconSearch size={15} />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              look(event.currentTarget.value.trim());
            }}
          />
        </Group>
      }
    />
  );
}
