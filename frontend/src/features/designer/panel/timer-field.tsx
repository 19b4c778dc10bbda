// A moment: after a time, at a date, or by a rule that repeats, in a time zone; or after working days of a calendar.

import { SegmentedControl, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { calendarsQuery, DEFAULT_CALENDAR } from '@/shared/api/calendars';
import type { Timer, TimerKind } from '@/shared/graph/types';

import type { Name } from '../model/scope';
import { FieldFrame, type Owner } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';

const KINDS: readonly TimerKind[] = ['duration', 'working_days', 'date', 'cron'];

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
            if (next !== undefined && next !== timer.kind) onChange(ofKind(timer, next));
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
      {timer.kind === 'working_days' ? (
        <CalendarFields timer={timer} field={field} owner={owner} onBlur={onBlur} onChange={onChange} />
      ) : (
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
      )}
    </>
  );
}

/** A timer of another kind: only working days have a calendar and a time, and they have no zone of their own. */
function ofKind({ value, zone, calendar, at }: Timer, kind: TimerKind): Timer {
  if (kind === 'working_days') return { kind, value, ...(calendar === undefined ? {} : { calendar }), ...(at === undefined ? {} : { at }) };
  return { kind, value, ...(zone === undefined ? {} : { zone }) };
}

interface CalendarFieldsProps {
  timer: Timer;
  field: string;
  owner: Owner;
  onChange: (timer: Timer, typing?: string) => void;
  onBlur: () => void;
}

function CalendarFields({ timer, field, owner, onChange, onBlur }: CalendarFieldsProps) {
  const { t } = useTranslation('designer');
  const { data = [] } = useQuery(calendarsQuery);
  const named = timer.calendar ?? DEFAULT_CALENDAR;
  const known = data.map((calendar) => ({ value: calendar.key, label: calendar.title }));
  return (
    <>
      <FieldFrame field={`${field}/calendar`} owner={owner} label={t('timer.calendar')}>
        <Select
          aria-label={t('timer.calendar')}
          allowDeselect={false}
          data={known.some((calendar) => calendar.value === named) ? known : [...known, { value: named, label: named }]}
          value={named}
          onChange={(key) => {
            const { calendar: _, ...rest } = timer;
            onChange(key === null || key === DEFAULT_CALENDAR ? rest : { ...rest, calendar: key });
          }}
        />
      </FieldFrame>
      <FieldFrame field={`${field}/at`} owner={owner} label={t('timer.at')}>
        <TextInput
          aria-label={t('timer.at')}
          placeholder="18:00"
          description={t('timer.at_hint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          value={timer.at ?? ''}
          onBlur={onBlur}
          onChange={(event) => {
            const time = event.currentTarget.value.trim();
            const { at: _, ...rest } = timer;
            onChange(time === '' ? rest : { ...rest, at: time }, `${field}/at`);
          }}
        />
      </FieldFrame>
    </>
  );
}
