import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChecklist, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { PageHeader } from '@/shared/ui/page-header';
import split from '@/shared/ui/split-list.module.css';
import { Tabs } from '@/shared/ui/tabs';

import { addressOf, keyOf, tasksQuery } from './api/tasks-api';
import { TaskDetail } from './components/task-detail';
import { TaskRow } from './components/task-row';
import type { TasksSearch } from './model/search';
import classes from './tasks-page.module.css';

const route = getRouteApi('/tasks');

/** What people are asked to do: the list on the left, the chosen one on the right. */
export function TasksPage() {
  const { t } = useTranslation('tasks');
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(tasksQuery(search));
  const tasks = list.data?.pages.flatMap((page) => page.items) ?? [];
  const first = tasks[0];
  const address = search.task ?? (first && addressOf(first));
  const chosen = keyOf(address);
  const change = (next: TasksSearch) => void navigate({ search: next, replace: true });
  const { task: _task, ...filters } = search;

  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      <div className={split.split}>
        <div className={classes.side}>
          <Filters search={search} onChange={change} />
          {list.error ? (
            <ErrorState error={list.error} onRetry={() => void list.refetch()} />
          ) : list.isPending ? (
            <LoadingRows />
          ) : (
            <ul className={classes.list}>
              {tasks.map((task) => (
                <TaskRow
                  key={addressOf(task)}
                  task={task}
                  chosen={addressOf(task) === address}
                  onChoose={() => {
                    change({ ...filters, task: addressOf(task) });
                  }}
                />
              ))}
            </ul>
          )}
          {list.hasNextPage && (
            <Button variant="default" m="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              {t('common:action.load_more')}
            </Button>
          )}
        </div>
        {chosen ? (
          <TaskDetail
            key={address}
            at={chosen}
            onDone={() => {
              change(filters);
            }}
          />
        ) : (
          list.isSuccess && (
            <EmptyState icon={IconChecklist} title={t('empty.title')}>
              {t(search.mine === true || search.q !== undefined ? 'empty.filtered' : 'empty.text')}
            </EmptyState>
          )
        )}
      </div>
    </>
  );
}

function Filters({ search, onChange }: { search: TasksSearch; onChange: (next: TasksSearch) => void }) {
  const { t } = useTranslation('tasks');
  const [text, setText] = useState(search.q ?? '');
  const { q: _q, ...others } = search;
  const look = useDebouncedCallback((prefix: string) => {
    onChange(prefix === '' ? others : { ...others, q: prefix });
  }, 250);
  return (
    <div className={classes.filters}>
      <Tabs
        label={t('title')}
        value={search.mine ? 'mine' : 'all'}
        tabs={[
          { value: 'all', label: t('all') },
          { value: 'mine', label: t('mine') },
        ]}
        onChange={(tab) => {
          onChange({ ...(search.q === undefined ? {} : { q: search.q }), ...(tab === 'mine' ? { mine: true } : {}) });
        }}
      />
      <TextInput
        aria-label={t('search')}
        placeholder={t('search')}
        leftSection={<IconSearch size={15} />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          look(event.currentTarget.value.trim());
        }}
      />
    </div>
  );
}
