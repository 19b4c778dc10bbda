import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { jobQuery } from './api/bulk-api';
import { ItemTable } from './components/item-table';
import { JobSummary } from './components/job-summary';

const route = getRouteApi('/bulk/$jobId');

/** One operation on many processes: the dry run, then the progress, then what became of each. */
export function BulkJobPage() {
  const { t } = useTranslation('bulk');
  const { jobId } = route.useParams();
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  return (
    <>
      <PageHeader crumbs={[{ label: t('title'), to: '/bulk' }, { label: job === undefined ? '…' : t(`operation.${job.operation}`, { priority: job.options.priority }) }]} />
      <Page>
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : job === undefined ? (
          <LoadingRows rows={3} />
        ) : (
          <>
            <JobSummary job={job} />
            <ItemTable job={job} />
          </>
        )}
      </Page>
    </>
  );
}
