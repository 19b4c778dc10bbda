import { Button, Text } from '@mantine/core';
import { IconCircleCheck, IconFilterOff, IconMessage } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { BulkMenu } from '@/shared/bulk/bulk-menu';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState } from '@/shared/ui/faces';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { groupsQuery } from './api/incidents-api';
import { FilterBar } from './components/filter-bar';
import { GroupRow } from './components/group-row';
import classes from './incidents.module.css';
import { groupKey, isFiltered, type IncidentsSearch, toBulkFilter } from './model/search';

const route = getRouteApi('/incidents');

/** What waits for a person, by what went wrong: the largest group first. */
export function IncidentsPage() {
  const { t, i18n } = useTranslation('incidents');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(groupsQuery(search));
  const groups = list.data?.pages.flatMap((page) => page.items) ?? [];
  const totals = list.data?.pages.at(-1);
  const change = (next: IncidentsSearch) => void navigate({ search: next, replace: true });
  return (
    <>
      <PageHeader
        crumbs={[{ label: t('title') }]}
        actions={
          <>
            <Button component={Link} to="/messages" variant="default" leftSection={<IconMessage size={15} />}>
              {t('messages')}
            </Button>
            {totals !== undefined && totals.incidents > 0 && <BulkMenu filter={toBulkFilter(search)} />}
          </>
        }
      />
      <Page>
        <FilterBar search={search} onChange={change} />
        {totals !== undefined && totals.incidents > 0 && (
          <Text size="sm" c="dimmed" data-testid="incident-totals">
            {t('incidents', { count: totals.incidents, n: totals.incidents.toLocaleString(i18n.language) })} · {t('groups', { count: totals.groups })}
          </Text>
        )}
        <Card flush>
          <Listed
            list={list}
            empty={groups.length === 0}
            none={<Nothing filtered={isFiltered(search)} onClear={() => { change({}); }} />}
          >
            <div className={classes.list} data-busy={list.isPlaceholderData || undefined}>
              <table className={table.table}>
                <thead>
                  <tr>
                    <th>{t('column.error')}</th>
                    <th className={classes.wide}>{t('column.trend')}</th>
                    <th className={table.number}>{t('column.count')}</th>
                    <th className={classes.wide}>{t('column.first')}</th>
                    <th>{t('column.last')}</th>
                    <th>{t('column.newest')}</th>
                    <th aria-label={t('more_actions')} />
                  </tr>
                </thead>
                <tbody>
                  {groups.map((group) => {
                    const key = groupKey(group);
                    const open = search.open === key;
                    return (
                      <GroupRow
                        key={key}
                        group={group}
                        search={search}
                        open={open}
                        onOpen={() => {
                          const { open: _, ...rest } = search;
                          change(open ? rest : { ...rest, open: key });
                        }}
                      />
                    );
                  })}
                </tbody>
              </table>
            </div>
          </Listed>
        </Card>
        <LoadMore list={list} />
      </Page>
    </>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation('incidents');
  if (!filtered) {
    return (
      <EmptyState icon={IconCircleCheck} title={t('empty.title')}>
        {t('empty.text')}
      </EmptyState>
    );
  }
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
