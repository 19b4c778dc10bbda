import { ActionIcon, Checkbox, NumberInput, Stack, Tooltip } from '@mantine/core';
import { IconDoorExit } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { WorkerInfo } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { Moment } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { type DrainForm, drainWorker } from '../api/drain-api';
import { poolsQuery } from '../api/workers-api';

/** Says that a worker takes no more tasks: by whose order, since when and why, or that it stops by itself. */
export function DrainPill({ worker }: { worker: WorkerInfo }) {
  const { t } = useTranslation('workers');
  if (!worker.draining) return null;
  if (worker.drain === undefined) return <Pill tone="wait">{t('draining')}</Pill>;
  const { author, at, reason } = worker.drain;
  return (
    <Tooltip label={t('drain.by', { author })}>
      <Pill tone="wait" icon={<IconDoorExit size={13} />} data-testid={`draining-${worker.id}`}>
        {worker.busy > 0 ? (
          <>
            {t('drain.draining')} <Moment at={at} />
          </>
        ) : (
          t('drain.drained')
        )}{' '}
        · {reason}
      </Pill>
    </Tooltip>
  );
}

/** The button that drains a worker; it asks why. */
export function DrainControl({ worker }: { worker: WorkerInfo }) {
  const { t } = useTranslation('workers');
  const may = useMay();
  const [asking, setAsking] = useState(false);
  if (!may('process.operate') || worker.draining) return null;
  const label = t('drain.what', { id: worker.id });
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
          <IconDoorExit size={17} />
        </ActionIcon>
      </Tooltip>
      {asking && (
        <DrainDialog
          worker={worker.id}
          title={label}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

function DrainDialog({ worker, title, onClose }: { worker: string; title: string; onClose: () => void }) {
  const { t } = useTranslation('workers');
  const client = useQueryClient();
  const [form, setForm] = useState<DrainForm>({ minutes: 0, stay: false });
  return (
    <ReasonDialog
      opened
      danger
      onClose={onClose}
      title={title}
      explanation={t('drain.text')}
      confirm={t('drain.confirm')}
      onConfirm={async (reason) => {
        await drainWorker(worker, form, reason);
        await client.invalidateQueries(poolsQuery);
      }}
    >
      <Stack gap="sm">
        <NumberInput
          label={t('drain.within')}
          description={t('drain.within_hint')}
          placeholder={t('drain.no_limit')}
          min={0}
          max={10_080}
          value={form.minutes === 0 ? '' : form.minutes}
          onChange={(value) => {
            setForm((before) => ({ ...before, minutes: Number(value) }));
          }}
        />
        <Checkbox
          label={t('drain.stay')}
          checked={form.stay}
          onChange={(event) => {
            const stay = event.currentTarget.checked;
            setForm((before) => ({ ...before, stay }));
          }}
        />
      </Stack>
    </ReasonDialog>
  );
}
