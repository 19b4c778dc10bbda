import { Button } from '@mantine/core';
import { IconCircleCheck, IconPlayerPlay, IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useLiveRows } from '@/shared/live/use-live-rows';
import { useMay } from '@/shared/session/me';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Card, Page } from '@/shared/ui/page';
import { PageHeader } from '@/shared/ui/page-header';
import { ProcessTable } from '@/shared/ui/process-table';
import { UsageHistory } from '@/shared/usage/usage-history';

import { incidentsQuery, recentQuery } from './api/dashboard-api';
import { DefinitionsCard } from './components/definitions-card';
import { IncidentList } from './components/incident-list';
import { StartHere } from './components/start-here';
import { Tiles } from './components/tiles';
import classes from './dashboard-page.module.css';

export function DashboardPage() {
  const { t } = useTranslation('dashboard');
  const may = useMay();
  // Whoever only does tasks begins with them.
  if (!may('process.read') && may('task.do')) return <Navigate to="/tasks" replace />;
  return (
    <>
      <PageHeader
        crumbs={[{ label: t('title') }]}
        actions={
          may('process.start') ? (
            <Button component={Link} to="/processes/new" leftSection={<IconPlayerPlay size={15} />}>
              {t('start')}
            </Button>
          ) : undefined
        }
      />
      <Page>
        <StartHere />
        <Tiles />
        <History />
        <div className={classes.columns}>
          <Recent />
          <div className={classes.side}>
            <Incidents />
            <DefinitionsCard />
          </div>
        </div>
      </Page>
    </>
  );
}

function History() {
  const { t } = useTranslation('dashboard');
  return (
    <Card flush>
      <UsageHistory
        subject="definition"
        title={t('usage.title')}
        lines={[
          { metric: 'started', label: t('usage.started'), color: 'var(--tk-accent)' },
          { metric: 'completed', label: t('usage.completed'), color: 'var(--tk-ok)' },
          { metric: 'incidents', label: t('usage.incidents'), color: 'var(--tk-bad)' },
        ]}
      />
    </Card>
  );
}

function Recent() {
  const { t } = useTranslation('dashboard');
  const recent = useQuery(recentQuery);
  const rows = useLiveRows(recent.data ?? []);
  return (
    <Card
      flush
      title={t('recent')}
      aside={
        <AnchorLink to="/processes" size="sm">
          {t('all')}
        </AnchorLink>
      }
    >
      {recent.error ? (
        <ErrorState error={recent.error} onRetry={() => void recent.refetch()} />
      ) : recent.isPending ? (
        <LoadingRows rows={8} height={28} />
      ) : rows.length === 0 ? (
        <EmptyState icon={IconRocket} title={t('nothing.title')}>
          {t('nothing.text')}
        </EmptyState>
      ) : (
        <ProcessTable rows={rows} compact />
      )}
    </Card>
  );
}

function Incidents() {
  const { t } = useTranslation('dashboard');
  const incidents = useQuery(incidentsQuery);
  return (
    <Card
      flush
      title={t('incidents')}
      aside={
        <AnchorLink to="/incidents" size="sm">
          {t('all')}
        </AnchorLink>
      }
    >
      {incidents.error ? (
        <ErrorState error={incidents.error} onRetry={() => void incidents.refetch()} />
      ) : incidents.isPending ? (
        <LoadingRows rows={3} height={28} />
      ) : incidents.data.length === 0 ? (
        <p className={classes.calm}>
          <IconCircleCheck size={18} stroke={1.7} /> {t('no_incidents')}
        </p>
      ) : (
        <IncidentList incidents={incidents.data} />
      )}
    </Card>
  );
}
