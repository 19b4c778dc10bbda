// A moment: after a time, at a date, or by a rule that repeats; in a time zone.

import { SegmentedControl, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { Timer, TimerKind } from '@/shared/graph/types';

import type { Name } from '../model/scope';
import { FieldFrame, type Owner } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';

const KINDS: readonly TimerKind[] = ['duration', 'date', 'cron'];

interface TimerFieldProps {
  label: string;
  timer: Timer;
  /** JSON pointer of the timer inside the node. */
  field: string;
  node: string;
  scope: () => Name[];
  onChange: (timer: Timer, typing?: string) => void;
  onBlur: () => void;
}

export function TimerField({ label, timer, field, node, scope, onChange, onBlur }: TimerFieldProps) {
  const { t } = useTranslation('designer');
  const owner: Owner = { node };
  return (
    <>
      <FieldFrame field={`${field}/kind`} owner={owner} label={label}>
        <SegmentedControl
          aria-label={label}
          fullWidth
          size="xs"
          data={KINDS.map((kind) => ({ value: kind, label: t(`timer.${kind}`) }))}
          value={timer.kind}
          onChange={(kind) => {
            const next = KINDS.find((each) => each === kind);
            if (next !== undefined) onChange({ ...timer, kind: next });
          }}
        />
      </FieldFrame>
      <ValueField
        name="value"
        label={t(`timer.${timer.kind}_value`)}
        schema={{ type: 'string', description: t(`timer.${timer.kind}_hint`) }}
        root={{}}
        required
        value={timer.value === '' ? undefined : timer.value}
        field={`${field}/value`}
        owner={owner}
        node={node}
        scope={scope}
        onBlur={onBlur}
        onChange={(value, typing) => {
          onChange({ ...timer, value: typeof value === 'string' ? value : '' }, typing ? `${field}/value` : undefined);
        }}
      />
      <FieldFrame field={`${field}/zone`} owner={owner} label={t('timer.zone')}>
        <TextInput
          aria-label={t('timer.zone')}
          placeholder="UTC"
          value={timer.zone ?? ''}
          onBlur={onBlur}
          onChange={(event) => {
            const zone = event.currentTarget.value.trim();
            const { zone: _, ...rest } = timer;
            onChange(zone === '' ? rest : { ...rest, zone }, `${field}/zone`);
          }}
        />
      </FieldFrame>
    </>
  );
}
