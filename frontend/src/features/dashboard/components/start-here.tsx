// Where newcomers to the examples begin: four stops, from a process that runs to one to draw.

import { CloseButton } from '@mantine/core';
import { IconBinaryTree, IconChevronRight, IconCircleCheckFilled, IconPencil, IconTool, IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { drawn, examplesQuery, remember, stops, useGuide, type Stop } from '@/shared/guide/guide';
import { useMe } from '@/shared/session/me';
import { Card } from '@/shared/ui/page';

import classes from './start-here.module.css';

const icons = { watch: IconBinaryTree, mend: IconTool, person: IconUserCheck, draw: IconPencil } as const;

export function StartHere() {
  const { t } = useTranslation('dashboard');
  const { mode } = useMe();
  const { seen, left } = useGuide();
  const { data: examples } = useQuery({ ...examplesQuery, enabled: mode === 'dev' && !left });
  if (mode !== 'dev' || left || !examples) return null;

  const done = (stop: Stop): boolean => (stop === 'mend' ? examples.mend.state === 'completed' : seen.has(stop));
  const place = (stop: Stop, children: ReactNode) => {
    const row = { className: classes.stop, 'data-testid': `start-here-${stop}`, 'data-done': done(stop) || undefined, onClick: () => { remember(stop); } };
    switch (stop) {
      case 'watch':
      case 'mend':
        return <Link {...row} to="/processes/$processId" params={{ processId: examples[stop].id }} search={{ guide: true }}>{children}</Link>;
      case 'person':
        return <Link {...row} to="/tasks">{children}</Link>;
      case 'draw':
        return <Link {...row} to="/definitions/$key" params={{ key: drawn }}>{children}</Link>;
    }
  };
  return (
    <Card
      flush
      title={t('start_here.title')}
      aside={
        <>
          <span>{t('start_here.done', { n: stops.filter(done).length, of: stops.length })}</span>
          <CloseButton size="sm" aria-label={t('start_here.leave')} title={t('start_here.leave')} onClick={() => { remember('left'); }} />
        </>
      }
    >
      <ol className={classes.stops} data-testid="start-here">
        {stops.map((stop, at) => {
          const StopIcon = done(stop) ? IconCircleCheckFilled : icons[stop];
          return (
            <li key={stop}>
              {place(
                stop,
                <>
                  <span className={classes.icon} aria-hidden>
                    <StopIcon size={20} stroke={1.7} />
                  </span>
                  <span className={classes.text}>
                    <b>{`${at + 1}. ${t(`start_here.${stop}.title`)}`}</b>
                    <small>{t(`start_here.${stop}.text`, { id: stop === 'mend' ? examples.mend.custom_id : examples.watch.custom_id })}</small>
                  </span>
                  <IconChevronRight size={16} className={classes.go} aria-hidden />
                </>,
              )}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
