import { Button } from '@mantine/core';
import { IconFilterOff, IconListTree, IconPlayerPlay } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BulkMenu } from '@/shared/bulk/bulk-menu';
import { useLiveRows } from '@/shared/live/use-live-rows';
import { useMay } from '@/shared/session/me';
import { EmptyState } from '@/shared/ui/faces';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';
import { ProcessTable } from '@/shared/ui/process-table';

import { newestQuery, processesQuery } from './api/processes-api';
import { FilterBar } from './components/filter-bar';
import classes from './processes-page.module.css';
import { isFiltered, toApiQuery, type ProcessesSearch } from './model/filter';

const route = getRouteApi('/processes');

export function ProcessesPage() {
  const { t } = useTranslation('processes');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const list = useInfiniteQuery(processesQuery(search));
  const newest = useQuery({ ...newestQuery(search), enabled: list.isSuccess });
  const loaded = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const rows = useLiveRows(loaded);
  const known = new Set(loaded.map((row) => row.id));
  const fresh = list.isPlaceholderData ? 0 : (newest.data?.items.filter((row) => !known.has(row.id)).length ?? 0);
  const change = (next: ProcessesSearch) => void navigate({ search: next, replace: true });

  return (
    <>
      <PageHeader
        crumbs={[{ label: t('title') }]}
        actions={
          <>
            <BulkMenu filter={toApiQuery(search)} />
            {may('process.start') && (
              <Button component={Link} to="/processes/new" leftSection={<IconPlayerPlay size={15} />}>
                {t('start')}
              </Button>
            )}
          </>
        }
      />
      <Page>
        <FilterBar search={search} onChange={change} />
        <Card flush>
          <Listed
            list={list}
            rows={8}
            empty={rows.length === 0}
            none={<Nothing search={search} onClear={() => { change({}); }} />}
          >
            <div className={classes.list} data-busy={list.isPlaceholderData || undefined}>
              {fresh > 0 && (
                <button type="button" className={classes.fresh} onClick={() => void list.refetch()}>
                  {t('fresh', { count: fresh })}
                </button>
              )}
              <ProcessTable rows={rows} />
            </div>
          </Listed>
        </Card>
        <LoadMore list={list} />
      </Page>
    </>
  );
}

function Nothing({ search, onClear }: { search: ProcessesSearch; onClear: () => void }) {
  const { t } = useTranslation('processes');
  if (isFiltered(search)) {
    return (
      <EmptyState
        icon={IconFilterOff}
        title={t('nothing.title')}
        action={
          <Button variant="default" onClick={onClear}>
            {t('common:filter.clear')}
          </Button>
        }
      >
        {t('nothing.text')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconListTree}
      title={t('empty.title')}
      action={
        <Button component={Link} to="/processes/new" leftSection={<IconPlayerPlay size={15} />}>
          {t('start')}
        </Button>
      }
    >
      {t('empty.text')}
    </EmptyState>
  );
}
