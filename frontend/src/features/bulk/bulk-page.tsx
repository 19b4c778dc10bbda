import { IconStack2 } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { AnchorLink } from '@/shared/ui/anchor-link';
import table from '@/shared/ui/data-table.module.css';
import { EmptyState } from '@/shared/ui/faces';
import { Listed, LoadMore } from '@/shared/ui/listed';
import { Moment } from '@/shared/ui/moment';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { jobsQuery } from './api/bulk-api';
import classes from './bulk.module.css';
import { JobState } from './components/job-state';
import { Progress } from './components/progress';
import { filterText } from './model/filter-text';

/** Operations on many processes: those that run, and those that were. */
export function BulkPage() {
  const { t, i18n } = useTranslation('bulk');
  const list = useInfiniteQuery(jobsQuery);
  const jobs = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHeader crumbs={[{ label: t('title') }]} />
      <Page>
        <Card flush>
          <Listed
            list={list}
            empty={jobs.length === 0}
            none={
              <EmptyState
                icon={IconStack2}
                title={t('empty.title')}
                action={
                  <AnchorLink to="/processes" size="sm">
                    {t('empty.action')}
                  </AnchorLink>
                }
              >
                {t('empty.text')}
              </EmptyState>
            }
          >
            <table className={table.table}>
              <thead>
                <tr>
                  <th>{t('column.operation')}</th>
                  <th>{t('column.state')}</th>
                  <th>{t('column.progress')}</th>
                  <th>{t('column.who')}</th>
                  <th>{t('column.when')}</th>
                </tr>
              </thead>
              <tbody>
                {jobs.map((job) => (
                  <tr key={job.id} data-testid="bulk-row">
                    <td className={table.clip}>
                      <AnchorLink to="/bulk/$jobId" params={{ jobId: job.id }} fw={600} size="sm" c="inherit">
                        {t(`operation.${job.operation}`, { priority: job.options.priority })}
                      </AnchorLink>
                      <div className={table.muted}>{filterText(job.filter, t, i18n.language)}</div>
                    </td>
                    <td>
                      <JobState state={job.state} />
                    </td>
                    <td className={classes.progress}>
                      {job.state === 'draft' ? t('of', { count: job.total }) : <Progress job={job} />}
                    </td>
                    <td className={table.nowrap}>{job.run_by ?? job.created_by}</td>
                    <td className={`${table.nowrap ?? ''} ${table.muted ?? ''}`}>
                      <Moment at={job.started_at ?? job.created_at} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Listed>
        </Card>
        <LoadMore list={list} />
      </Page>
    </>
  );
}
