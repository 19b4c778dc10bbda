import { ActionIcon, Tooltip } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Pause } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { Moment } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { type PauseKind, pausesQuery, setPaused } from './pauses-api';

interface PauseControlProps {
  kind: PauseKind;
  name: string;
  /** As people call it. */
  title: string;
  pause: Pause | undefined;
}

/** What is paused says why, since when and by whom. */
export function PausePill({ pause }: { pause: Pause }) {
  const { t } = useTranslation('common');
  return (
    <Tooltip label={t('pause.by', { author: pause.author })}>
      <Pill tone="wait" icon={<IconPlayerPause size={13} />} data-testid={`paused-${pause.kind}-${pause.name}`}>
        {t('pause.paused')} <Moment at={pause.at} /> · {pause.reason}
      </Pill>
    </Tooltip>
  );
}

/** The button that pauses or resumes; it asks why. */
export function PauseControl({ kind, name, title, pause }: PauseControlProps) {
  const { t } = useTranslation('common');
  const may = useMay();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  if (!may('process.operate')) return null;
  const paused = pause !== undefined;
  const label = t(paused ? 'pause.resume_what' : 'pause.pause_what', { title });
  return (
    <>
      <Tooltip label={label}>
        <ActionIcon
          size={30}
          aria-label={label}
          onClick={() => {
            setAsking(true);
          }}
        >
          {paused ? <IconPlayerPlay size={17} /> : <IconPlayerPause size={17} />}
        </ActionIcon>
      </Tooltip>
      <ReasonDialog
        opened={asking}
        onClose={() => {
          setAsking(false);
        }}
        title={label}
        explanation={t(paused ? 'pause.resume_text' : `pause.text.${kind}`)}
        confirm={t(paused ? 'pause.resume' : 'pause.pause')}
        onConfirm={async (reason) => {
          await setPaused(kind, name, !paused, reason);
          await Promise.all([client.invalidateQueries({ queryKey: ['workers'] }), client.invalidateQueries(pausesQuery)]);
        }}
      />
    </>
  );
}
