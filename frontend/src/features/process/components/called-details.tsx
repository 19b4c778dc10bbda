import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { graphQuery } from '@/shared/run/run-api';
import { useLiveProcess } from '@/shared/run/use-live-process';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';

import type { Selection } from '../hooks/use-selection';
import { DetailsPanel } from './details-panel';
import classes from './details-panel.module.css';
import { Dialogs, type Operation } from './operation-dialogs';

/** The details of a called process, or of one of its tasks, beside the page of its caller. */
export function CalledDetails({ processId, selection }: { processId: string; selection: Selection }) {
  const { t } = useTranslation('process');
  const live = useLiveProcess(processId);
  const graph = useQuery(graphQuery(processId));
  const [operation, setOperation] = useState<Operation>();
  const error = live.error ?? graph.error;
  if (error) return <ErrorState error={error} onRetry={() => { void live.refetch(); void graph.refetch(); }} />;
  if (!live.data || !graph.data) return <LoadingRows rows={6} height={40} />;
  return (
    <div className={classes.called} data-testid="called-details">
      <AnchorLink
        to="/processes/$processId"
        params={{ processId }}
        search={selection.task === undefined ? {} : { task: selection.task }}
        size="xs"
        className={classes.open}
      >
        {t('called.open')} <IconExternalLink size={12} style={{ verticalAlign: -1 }} />
      </AnchorLink>
      <DetailsPanel live={live.data} graph={graph.data} selection={selection} onOperate={setOperation} />
      <Dialogs operation={operation} live={live.data} graph={graph.data} onClose={() => { setOperation(undefined); }} />
    </div>
  );
}
