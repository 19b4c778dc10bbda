import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { graphQuery } from '@/shared/run/run-api';
import { useLiveProcess } from '@/shared/run/use-live-process';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { PageHeader } from '@/shared/ui/page-header';

import { ProcessView } from './components/process-view';

const route = getRouteApi('/processes/$processId');

export function ProcessPage() {
  const { processId } = route.useParams();
  const { t } = useTranslation('process');
  const live = useLiveProcess(processId);
  const graph = useQuery(graphQuery(processId));
  const error = live.error ?? graph.error;

  // Somebody may move the process to another version while it is looked at.
  const version = live.data?.process.version;
  const drawn = useRef(version);
  const { refetch } = graph;
  useEffect(() => {
    if (drawn.current !== undefined && drawn.current !== version) void refetch();
    drawn.current = version;
  }, [version, refetch]);

  if (live.data && graph.data) {
    return <ProcessView key={processId} live={live.data} graph={graph.data} />;
  }
  return (
    <>
      <PageHeader crumbs={[{ label: t('crumb'), to: '/processes' }, { label: processId.slice(0, 8) }]} />
      {error ? (
        <ErrorState
          error={error}
          onRetry={() => {
            void live.refetch();
            void graph.refetch();
          }}
        />
      ) : (
        <LoadingRows rows={10} height={28} />
      )}
    </>
  );
}
