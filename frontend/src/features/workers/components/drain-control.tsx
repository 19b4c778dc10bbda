import { ActionIcon, Checkbox, NumberInput, Radio, Stack, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconDoorExit } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Pool, WorkerInfo } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { Moment } from '@/shared/ui/moment';
import { Pill } from '@/shared/ui/pill';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { type DrainForm, drainWorkers, undrainWorkers } from '../api/drain-api';
import { poolsQuery } from '../api/workers-api';
import { concerns, type Scope, type ScopeChoice, scopesOf, subjectOf } from '../model/drain-scope';

/** Says that a worker takes no more tasks: by whose order, since when and why, or that it stops by itself. */
export function DrainPill({ worker }: { worker: WorkerInfo }) {
  const { t } = useTranslation('workers');
  if (!worker.draining) return null;
  if (worker.drain === undefined) return <Pill tone="wait">{t('draining')}</Pill>;
  const { author, at, reason, stay } = worker.drain;
  return (
    <Tooltip label={`${t('drain.by', { author })}. ${t(stay ? 'drain.stays' : 'drain.goes')}`} multiline maw={320}>
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

/** The button that drains a worker, or takes that back; it asks why, and whether all beside it are meant. */
export function DrainControl({ pool, worker }: { pool: string; worker: WorkerInfo }) {
  const { t } = useTranslation('workers');
  const back = worker.drain !== undefined;
  if (worker.draining && !back) return null; // it stops by itself
  return <OrderButton pool={pool} worker={worker} back={back} label={t(back ? 'undrain.what' : 'drain.what', { id: worker.id })} />;
}

/** The button that drains all workers of a pool; or takes that back, when none is left to be drained. */
export function PoolDrainControl({ pool }: { pool: Pool }) {
  const { t } = useTranslation('workers');
  const takes = pool.workers.filter((worker) => concerns(worker, false)).length;
  const back = takes === 0;
  if (pool.workers.length < 2 || (back && !pool.workers.some((worker) => concerns(worker, true)))) return null;
  return <OrderButton pool={pool.pool} worker={undefined} back={back} label={t(back ? 'undrain.pool' : 'drain.pool', { pool: pool.pool })} />;
}

interface OrderProps {
  pool: string;
  /** Absent: the order is for the pool. */
  worker: WorkerInfo | undefined;
  back: boolean;
  label: string;
}

function OrderButton({ label, ...order }: OrderProps) {
  const may = useMay();
  const [asking, setAsking] = useState(false);
  if (!may('process.operate')) return null;
  const Icon = order.back ? IconArrowBackUp : IconDoorExit;
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
          <Icon size={17} />
        </ActionIcon>
      </Tooltip>
      {asking && (
        <OrderDialog
          {...order}
          label={label}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

function OrderDialog({ pool, worker, back, label, onClose }: OrderProps & { onClose: () => void }) {
  const { t } = useTranslation('workers');
  const client = useQueryClient();
  const { data: pools = [] } = useQuery(poolsQuery);
  const [form, setForm] = useState<DrainForm>({ minutes: 0, stay: false });
  const [scope, setScope] = useState<Scope>(worker === undefined ? 'pool' : 'worker');
  const choices = scopesOf(pools, pool, worker, back);
  const chosen = choices.find((each) => each.scope === scope) ?? choices[0];
  return (
    <ReasonDialog
      opened
      danger={!back}
      onClose={onClose}
      title={label}
      explanation={t(back ? 'undrain.text' : 'drain.text')}
      confirm={t(back ? 'undrain.confirm' : 'drain.confirm')}
      ready={chosen !== undefined}
      onConfirm={async (reason) => {
        if (chosen === undefined) return;
        await (back ? undrainWorkers(subjectOf(chosen), reason) : drainWorkers(subjectOf(chosen), form, reason));
        await client.invalidateQueries(poolsQuery);
      }}
    >
      {(choices.length > 1 || !back) && (
        <Stack gap="md">
          {choices.length > 1 && <ScopeField choices={choices} value={scope} onChange={setScope} />}
          {!back && <DrainFields form={form} onChange={setForm} />}
        </Stack>
      )}
    </ReasonDialog>
  );
}

function ScopeField({ choices, value, onChange }: { choices: readonly ScopeChoice[]; value: Scope; onChange: (scope: Scope) => void }) {
  const { t } = useTranslation('workers');
  return (
    <Radio.Group
      label={t('drain.scope.label')}
      value={value}
      onChange={(next) => {
        const found = choices.find(({ scope }) => scope === next);
        if (found !== undefined) onChange(found.scope);
      }}
    >
      <Stack gap={6} mt={6}>
        {choices.map(({ scope, name, count }) => (
          <Radio key={scope} size="sm" value={scope} label={t(`drain.scope.${scope}`, { name, count })} />
        ))}
      </Stack>
    </Radio.Group>
  );
}

function DrainFields({ form, onChange }: { form: DrainForm; onChange: (form: DrainForm) => void }) {
  const { t } = useTranslation('workers');
  return (
    <>
      <NumberInput
        label={t('drain.within')}
        description={t('drain.within_hint')}
        placeholder={t('drain.no_limit')}
        min={0}
        max={10_080}
        value={form.minutes === 0 ? '' : form.minutes}
        onChange={(value) => {
          onChange({ ...form, minutes: Number(value) });
        }}
      />
      <Checkbox
        label={t('drain.stay')}
        description={t('drain.stay_hint')}
        checked={form.stay}
        onChange={(event) => {
          onChange({ ...form, stay: event.currentTarget.checked });
        }}
      />
    </>
  );
}
