import { NumberInput, Select, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import type { Retention } from '@/shared/api/types';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { retentionPreviewQuery, setRetention } from '../api/retention-api';

interface RetentionDialogProps {
  of: Retention | 'new' | undefined;
  /** The definitions that have a retention of their own. */
  known: readonly Retention[];
  onClose: () => void;
}

const longest = 36_500;

/** Changes a retention, after a look at what would go now. */
export function RetentionDialog({ of, known, onClose }: RetentionDialogProps) {
  return of === undefined ? null : <Dialog key={of === 'new' ? 'new' : (of.definition ?? '')} of={of} known={known} onClose={onClose} />;
}

function Dialog({ of, known, onClose }: RetentionDialogProps & { of: Retention | 'new' }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const fresh = of === 'new';
  const [definition, setDefinition] = useState(fresh ? undefined : of.definition);
  const [days, setDays] = useState<number | string>(fresh ? 90 : of.days);
  const definitions = useQuery({ ...definitionsQuery(''), enabled: fresh });
  const count = typeof days === 'number' && days >= 0 && days <= longest ? days : -1;
  const [settled] = useDebouncedValue(count, 250);
  const preview = useQuery({ ...retentionPreviewQuery(definition, settled), enabled: settled > 0 && (!fresh || definition !== undefined) });
  const free = (definitions.data?.items ?? []).filter((one) => !known.some((other) => other.definition === one.key));
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={fresh ? t('retention.add') : t('retention.change')}
      explanation={t('retention.explain')}
      confirm={t('retention.save')}
      danger={(preview.data?.processes ?? 0) > 0}
      ready={count >= 0 && (!fresh || (definition !== undefined && count > 0))}
      onConfirm={async (reason) => {
        await setRetention(definition, count, reason);
        await client.invalidateQueries({ queryKey: ['retention'] });
      }}
    >
      {fresh && (
        <Select
          label={t('retention.definition')}
          searchable
          data={free.map((one) => ({ value: one.key, label: one.title }))}
          value={definition ?? null}
          onChange={(value) => { setDefinition(value ?? undefined); }}
        />
      )}
      <NumberInput label={t('retention.days_label')} description={fresh ? undefined : t(definition === undefined ? 'retention.zero_default' : 'retention.zero')} min={fresh ? 1 : 0} max={longest} allowDecimal={false} value={days} onChange={setDays} />
      {preview.data !== undefined && (
        <Text size="sm" data-testid="retention-preview">
          {t(preview.data.more ? 'retention.preview_more' : 'retention.preview', { count: preview.data.processes })}
        </Text>
      )}
    </ReasonDialog>
  );
}
