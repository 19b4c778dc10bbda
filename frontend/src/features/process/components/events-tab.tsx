import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Change } from '@/shared/api/types';
import { formatTime } from '@/shared/format/time';
import type { GraphDocument } from '@/shared/graph/types';
import type { LiveProcess } from '@/shared/run/live-process';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';
import { lookOf } from '@/shared/ui/states';

import { eventsQuery } from '../api/process-api';
import type { Selection } from '../hooks/use-selection';
import classes from './events-tab.module.css';

interface EventsTabProps {
  live: LiveProcess;
  document: GraphDocument;
  selection: Selection;
}

/** What happened, line by line, newest first; of the selected task alone when one is selected. */
export function EventsTab({ live, document, selection }: EventsTabProps) {
  const { t, i18n } = useTranslation('process');
  const events = useInfiniteQuery(eventsQuery(live.process.id));
  if (events.error) return <ErrorState error={events.error} onRetry={() => void events.refetch()} />;
  if (!events.data) return <LoadingRows rows={4} height={22} />;
  const titles = new Map(document.nodes.map((node) => [node.id, node.title || node.id]));
  const lines = events.data.pages
    .flatMap((page) => page.items)
    .flatMap((event) => event.changes.map((change, index) => ({ event, change, index })))
    .filter(({ change }) => change.kind !== 'edge' && (selection.task === undefined || change.task === selection.task || change.kind === 'process'))
    .reverse();
  return (
    <div className={classes.events}>
      {events.hasNextPage && (
        <Button variant="subtle" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
          {t('events.newer')}
        </Button>
      )}
      {lines.length === 0 && <p className={classes.empty}>{t('events.empty')}</p>}
      <table className={classes.table}>
        <tbody>
          {lines.map(({ event, change, index }) => (
            <tr key={`${event.seq}-${index}`}>
              <td className={classes.time} title={formatTime(event.at, i18n.language)}>
                <Moment at={event.at} />
              </td>
              <td className={classes.seq}>{event.seq}</td>
              <td className={classes.what}>
                {change.node === undefined ? t('events.process') : (titles.get(change.node) ?? change.node)}
              </td>
              <td>
                <ChangeText change={change} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ChangeText({ change }: { change: Change }) {
  const { t } = useTranslation('process');
  const facts = [
    change.attempt !== undefined && change.attempt > 1 ? t('events.attempt', { n: change.attempt }) : '',
    change.percent !== undefined && change.percent > 0 ? `${change.percent} %` : '',
    change.text ?? '',
    change.code ?? '',
    change.worker ?? '',
    change.actor === undefined ? '' : t('events.by', { actor: change.actor }),
  ].filter(Boolean);
  return (
    <span className={classes.facts}>
      {change.kind === 'below' && <Pill tone={change.state === 'closed' ? 'ok' : 'bad'}>{t(change.state === 'closed' ? 'events.below_closed' : 'events.below_open')}</Pill>}
      {change.state && change.kind !== 'below' && <Pill tone={lookOf(change.state).tone}>{t(`common:state.${change.state}`)}</Pill>}
      {change.kind === 'ignored' && <Pill>{t('events.ignored')}</Pill>}
      {change.kind === 'planned' && <Pill>{t('events.planned')}</Pill>}
      {facts.join(' · ')}
    </span>
  );
}
