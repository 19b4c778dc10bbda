import { ActionIcon, Group, NumberInput, Stack, TextInput, Tooltip } from '@mantine/core';
import { IconGauge } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Limit } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { Pill } from '@/shared/ui/pill';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { type LimitForm, limitsQuery, setLimit } from '../api/limits-api';

/** A limit in a few words. */
export function LimitPill({ limit }: { limit: Limit }) {
  const { t } = useTranslation('workers');
  const parts = [
    limit.most !== undefined && t('limit.most', { n: limit.most }),
    limit.starts !== undefined && t('limit.starts', { n: limit.starts, seconds: limit.per_seconds }),
    limit.key !== undefined && limit.key !== '' && t('limit.by', { key: limit.key }),
  ].filter((part) => part !== false);
  return (
    <Tooltip label={`${limit.author}: ${limit.reason}`} multiline maw={320}>
      <Pill icon={<IconGauge size={13} />} data-testid={`limit-${limit.node_type}`}>
        {parts.join(' · ')}
      </Pill>
    </Tooltip>
  );
}

interface LimitControlProps {
  type: string;
  title: string;
  limit: Limit | undefined;
}

/** The button that sets, changes or removes a limit; it asks why. */
export function LimitControl({ type, title, limit }: LimitControlProps) {
  const { t } = useTranslation('workers');
  const may = useMay();
  const [asking, setAsking] = useState(false);
  if (!may('process.operate')) return null;
  const label = t('limit.of', { title });
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
          <IconGauge size={17} />
        </ActionIcon>
      </Tooltip>
      {asking && (
        <LimitDialog
          type={type}
          title={label}
          limit={limit}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

function LimitDialog({ type, title, limit, onClose }: { type: string; title: string; limit: Limit | undefined; onClose: () => void }) {
  const { t } = useTranslation('workers');
  const client = useQueryClient();
  const [form, setForm] = useState<LimitForm>({
    key: limit?.key ?? '',
    most: limit?.most ?? 0,
    starts: limit?.starts ?? 0,
    perSeconds: limit?.per_seconds ?? 1,
  });
  const change = (part: Partial<LimitForm>): void => {
    setForm((before) => ({ ...before, ...part }));
  };
  const none = form.most === 0 && form.starts === 0;
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={title}
      explanation={t('limit.text')}
      confirm={t(none ? 'limit.remove' : 'limit.set')}
      ready={!none || limit !== undefined}
      onConfirm={async (reason) => {
        await setLimit(type, form, reason);
        await client.invalidateQueries(limitsQuery);
      }}
    >
      <Stack gap="sm">
        <NumberInput
          label={t('limit.field.most')}
          placeholder={t('limit.any')}
          min={0}
          allowDecimal={false}
          value={form.most === 0 ? '' : form.most}
          onChange={(value) => {
            change({ most: Number(value) });
          }}
        />
        <Group grow align="flex-start">
          <NumberInput
            label={t('limit.field.starts')}
            placeholder={t('limit.any')}
            min={0}
            allowDecimal={false}
            value={form.starts === 0 ? '' : form.starts}
            onChange={(value) => {
              change({ starts: Number(value) });
            }}
          />
          <NumberInput
            label={t('limit.field.seconds')}
            min={0.001}
            max={86_400}
            disabled={form.starts === 0}
            value={form.perSeconds}
            onChange={(value) => {
              change({ perSeconds: Number(value) || 1 });
            }}
          />
        </Group>
        <TextInput
          label={t('limit.field.key')}
          description={t('limit.field.key_hint')}
          placeholder="input.region"
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          value={form.key}
          onChange={(event) => {
            change({ key: event.currentTarget.value });
          }}
        />
      </Stack>
    </ReasonDialog>
  );
}
