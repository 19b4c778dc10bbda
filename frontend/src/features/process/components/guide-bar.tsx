// What a newcomer is told of the process that the guide led to, and where it goes on.

import { Button, CloseButton } from '@mantine/core';
import { IconArrowRight, IconCompass } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import type { ProcessState } from '@/shared/api/types';
import { examplesQuery, remember, stops } from '@/shared/guide/guide';
import { useMe } from '@/shared/session/me';

import classes from './guide-bar.module.css';

const route = getRouteApi('/processes/$processId');

export function GuideBar({ process, state }: { process: string; state: ProcessState }) {
  const { t } = useTranslation('process');
  const { guide } = route.useSearch();
  const navigate = route.useNavigate();
  const { mode } = useMe();
  const { data: examples } = useQuery({ ...examplesQuery, enabled: guide === true && mode === 'dev' });
  const stop = process === examples?.watch.id ? 'watch' : process === examples?.mend.id ? 'mend' : undefined;
  if (guide !== true || !examples || stop === undefined) return null;

  const mended = stop === 'mend' && state === 'completed';
  const text = stop === 'watch' ? 'watch' : mended ? 'mended' : state === 'incident' ? 'mend' : 'mending';
  return (
    <aside className={classes.bar} aria-label={t('guide.label')} data-testid="guide-bar" data-stop={text}>
      <IconCompass size={20} stroke={1.7} className={classes.icon} aria-hidden />
      <p className={classes.text} aria-live="polite">
        <b>{t('guide.count', { at: stops.indexOf(stop) + 1, of: stops.length })}</b> {t(`guide.${text}`)}
      </p>
      {stop === 'watch' && (
        <Button
          size="xs"
          rightSection={<IconArrowRight size={14} />}
          onClick={() => {
            remember('mend');
            void navigate({ to: '/processes/$processId', params: { processId: examples.mend.id }, search: { guide: true } });
          }}
        >
          {t('guide.to_mend')}
        </Button>
      )}
      {mended && (
        <Button size="xs" component={Link} to="/tasks" rightSection={<IconArrowRight size={14} />} onClick={() => { remember('person'); }}>
          {t('guide.to_person')}
        </Button>
      )}
      <CloseButton
        size="sm"
        aria-label={t('guide.close')}
        title={t('guide.close')}
        onClick={() => void navigate({ search: (old) => ({ ...old, guide: undefined }), replace: true })}
      />
    </aside>
  );
}
