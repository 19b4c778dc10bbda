// Below the canvas: how the run that the canvas shows went, step by step.

import { ActionIcon, Button, ScrollArea, Tooltip } from '@mantine/core';
import { IconExternalLink, IconFlask, IconRefresh, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { formatDuration } from '@/shared/format/duration';
import { nodeById } from '@/shared/graph/query';
import { inOrder } from '@/shared/run/live-process';
import { liveQuery } from '@/shared/run/run-api';
import { LoadingRows } from '@/shared/ui/faces';
import { Span } from '@/shared/ui/moment';
import { StatusBadge, StatusIcon } from '@/shared/ui/status';

import { useDocument, useSession } from '../hooks/designer-context';
import { selectNode } from '../model/view-actions';
import { useShownRun, useTrial } from './trial-context';
import classes from './trial.module.css';

export function TestDock() {
  const shown = useShownRun();
  return shown === undefined ? null : <ShownDock id={shown} />;
}

function ShownDock({ id }: { id: string }) {
  const { t, i18n } = useTranslation('trial');
  const { context } = useSession();
  const { store } = useTrial();
  const doc = useDocument();
  const live = useQuery(liveQuery(id)).data; // kept true by the canvas
  const process = live?.process;
  return (
    <section className={classes.dock} aria-label={t('dock.title')} data-testid="test-dock" data-state={process?.state}>
      <header className={classes.dockHeader}>
        <IconFlask size={15} aria-hidden />
        <h2>{t('dock.title')}</h2>
        {process !== undefined && <StatusBadge state={process.state} />}
        {process?.started_at !== undefined && <Span from={process.started_at} to={process.ended_at} />}
        {process?.error_code !== undefined && <code className={classes.error}>{process.error_code}</code>}
        <span className={classes.space} />
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconRefresh size={13} />}
          onClick={() => {
            context.ui.setState({ dialog: 'test' });
          }}
        >
          {t('dock.again')}
        </Button>
        <Tooltip label={t('dock.open')}>
          <ActionIcon component={Link} to={`/processes/${id}`} size={26} aria-label={t('dock.open')}>
            <IconExternalLink size={15} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('dock.hide')}>
          <ActionIcon
            size={26}
            aria-label={t('dock.hide')}
            onClick={() => {
              store.setState({ shown: undefined });
            }}
          >
            <IconX size={15} />
          </ActionIcon>
        </Tooltip>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        {live === undefined ? (
          <LoadingRows rows={3} />
        ) : (
          <ol className={classes.steps}>
            {inOrder(live.tasks, (node) => doc.nodes.findIndex((each) => each.id === node)).map((task) => (
              <li key={task.id}>
                <button
                  type="button"
                  disabled={nodeById(doc, task.node_id) === undefined}
                  onClick={() => {
                    selectNode(context, task.node_id);
                    context.ui.setState({ tab: 'test' });
                  }}
                >
                  <StatusIcon state={task.state} size={15} />
                  <span className={classes.name}>{task.title === '' ? task.node_id : task.title}</span>
                  {task.error !== undefined && <span className={classes.error}>{task.error.message}</span>}
                  {task.run_ms !== undefined && <span className={classes.time}>{formatDuration(task.run_ms, t, i18n.language)}</span>}
                </button>
              </li>
            ))}
          </ol>
        )}
      </ScrollArea>
    </section>
  );
}
