import { Alert, Text } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { ProcessGraph } from '@/shared/api/types';
import type { LiveProcess } from '@/shared/run/live-process';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { operate, restartPlanQuery } from '../api/process-api';
import { restartMarks } from '../model/restart-marks';
import { usePermitReason } from './permit-reason';
import { PlanPreview } from './plan-preview';

interface RestartFromDialogProps {
  live: LiveProcess;
  graph: ProcessGraph;
  node: string;
  /** The run of the sub-process around the node; undefined: the node lies in none. */
  scope: string | undefined;
  onClose: () => void;
  onDone: (message: string) => void;
}

/** Going back to a step, or on to one: the graph shows what stops, what counts no more and what comes. */
export function RestartFromDialog({ live, graph, node, scope, onClose, onDone }: RestartFromDialogProps) {
  const { t, i18n } = useTranslation('process');
  const navigate = useNavigate();
  const reasonOf = usePermitReason();
  const query = useQuery(restartPlanQuery(live.process.id, node, scope));
  const plan = query.data;
  const marks = useMemo(() => (plan?.allowed ? restartMarks(plan, node) : {}), [plan, node]);
  const title = graph.document.nodes.find((each) => each.id === node)?.title ?? node;
  const known = plan?.code !== undefined && i18n.exists(`process:permit.${plan.code.replaceAll('.', '_')}`);
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={t('dialog.restart_from.title', { title })}
      explanation={t(plan?.new_process ? 'dialog.restart_from.ended' : 'dialog.restart_from.text')}
      confirm={t('dialog.restart_from.confirm')}
      size={760}
      ready={plan?.allowed === true}
      onConfirm={async (reason) => {
        const { id, new_process: anew } = await operate.restartFrom(live.process.id, { reason, node, ...(scope !== undefined && { scope }) });
        onDone(t(anew ? 'dialog.restart.done' : 'dialog.restart_from.done'));
        if (anew) await navigate({ to: '/processes/$processId', params: { processId: id } });
      }}
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : plan === undefined ? (
        <LoadingRows rows={6} height={28} />
      ) : plan.allowed ? (
        <>
          <PlanPreview live={live} graph={graph} marks={marks} />
          <Text size="sm">
            {plan.cancelled.length === 0
              ? t('dialog.restart_from.stops_nothing')
              : t('dialog.restart_from.stops', { count: plan.cancelled.reduce((sum, each) => sum + each.count, 0) })}
          </Text>
        </>
      ) : (
        <Alert color="red" icon={<IconBan size={16} />} data-testid="plan-refused">
          {known ? reasonOf({ allowed: false, reason: plan.code }) : plan.message}
        </Alert>
      )}
    </ReasonDialog>
  );
}
