import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';

import { scheduleQuery } from './api/schedules-api';
import { FireTable } from './components/fire-table';
import { ScheduleActions } from './components/schedule-actions';
import { ScheduleFacts } from './components/schedule-facts';
import { ScheduleState } from './components/schedule-state';

const route = getRouteApi('/schedules/$scheduleId');

/** One schedule: when it comes, how it behaves, and what became of each time. */
export function SchedulePage() {
  const { t } = useTranslation('schedules');
  const { scheduleId } = route.useParams();
  const { data: schedule, error, refetch } = useQuery(scheduleQuery(scheduleId));
  return (
    <>
      <PageHeader
        crumbs={[{ label: t('title'), to: '/schedules' }, { label: schedule?.name ?? '…' }]}
        meta={schedule && <ScheduleState state={schedule.state} />}
        actions={schedule && <ScheduleActions schedule={schedule} />}
      />
      <Page>
        {error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : schedule === undefined ? (
          <LoadingRows rows={4} />
        ) : (
          <>
            <ScheduleFacts schedule={schedule} />
            <FireTable id={schedule.id} />
          </>
        )}
      </Page>
    </>
  );
}
