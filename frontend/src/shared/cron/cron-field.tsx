// When something comes again and again: a usual rule or five fields, in a time zone, with the next times as the server sees them.

import { Group, NumberInput, Select, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { PRESETS, readCron, STEPS, weekdayName, withPreset, writeCron, zones, type Preset, type Rule } from './cron';
import { CronTimes } from './cron-times';

interface CronFieldProps {
  cron: string;
  zone: string;
  /** What the server says of each. */
  cronError?: string | undefined;
  zoneError?: string | undefined;
  disabled?: boolean;
  onChange: (next: { cron: string; zone: string }) => void;
  onBlur?: () => void;
}

export function CronField({ cron, zone, cronError, zoneError, disabled = false, onChange, onBlur }: CronFieldProps) {
  const { t, i18n } = useTranslation('cron');
  // Whoever chose to write five fields goes on writing them, also when they are a usual rule.
  const [writes, setWrites] = useState(() => readCron(cron).preset === 'own');
  const read = readCron(cron);
  const rule: Rule = writes ? { ...read, preset: 'own' } : read;
  const change = (next: Rule): void => {
    onChange({ cron: writeCron(next), zone });
  };
  return (
    <Stack gap="xs">
      <Group align="flex-start" gap="xs" wrap="wrap">
        <Select
          label={t('comes')}
          w={190}
          allowDeselect={false}
          disabled={disabled}
          data={PRESETS.map((preset) => ({ value: preset, label: t(`preset.${preset}`) }))}
          value={rule.preset}
          onChange={(value) => {
            const preset = PRESETS.find((each): each is Preset => each === value);
            if (preset === undefined) return;
            setWrites(preset === 'own');
            change(withPreset(rule, preset));
          }}
        />
        <RuleParts rule={rule} disabled={disabled} language={i18n.language} error={cronError} onChange={change} onBlur={onBlur} />
        <Select
          label={t('zone')}
          w={210}
          searchable
          allowDeselect={false}
          disabled={disabled}
          data={zone === '' || zones().includes(zone) ? zones() : [zone, ...zones()]}
          value={zone === '' ? 'UTC' : zone}
          error={zoneError}
          onChange={(next) => {
            if (next !== null) onChange({ cron, zone: next === 'UTC' ? '' : next });
          }}
        />
      </Group>
      <CronTimes cron={cron} zone={zone} />
    </Stack>
  );
}

interface RulePartsProps {
  rule: Rule;
  disabled: boolean;
  language: string;
  error: string | undefined;
  onChange: (rule: Rule) => void;
  onBlur: (() => void) | undefined;
}

function RuleParts({ rule, disabled, language, error, onChange, onBlur }: RulePartsProps) {
  const { t } = useTranslation('cron');
  const time = (
    <TextInput
      type="time"
      label={t('time')}
      w={120}
      disabled={disabled}
      value={rule.time}
      onBlur={onBlur}
      onChange={(event) => {
        if (event.currentTarget.value !== '') onChange({ ...rule, time: event.currentTarget.value });
      }}
    />
  );
  switch (rule.preset) {
    case 'own':
      return (
        <TextInput
          label={t('rule')}
          placeholder="0 9 * * 1-5"
          description={t('rule_hint')}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          w={230}
          disabled={disabled}
          value={rule.text}
          error={error}
          onBlur={onBlur}
          onChange={(event) => {
            onChange({ ...rule, text: event.currentTarget.value });
          }}
        />
      );
    case 'minutes':
      return (
        <Select
          label={t('every')}
          w={130}
          allowDeselect={false}
          disabled={disabled}
          data={STEPS.map((step) => ({ value: String(step), label: t('minutes', { count: step }) }))}
          value={String(rule.step)}
          onChange={(step) => {
            onChange({ ...rule, step: Number(step) });
          }}
        />
      );
    case 'hourly':
      return (
        <NumberInput
          label={t('minute')}
          w={120}
          min={0}
          max={59}
          clampBehavior="strict"
          allowDecimal={false}
          disabled={disabled}
          value={rule.minute}
          onBlur={onBlur}
          onChange={(minute) => {
            onChange({ ...rule, minute: Number(minute) });
          }}
        />
      );
    case 'weekly':
      return (
        <>
          <Select
            label={t('weekday')}
            w={150}
            allowDeselect={false}
            disabled={disabled}
            data={[1, 2, 3, 4, 5, 6, 0].map((weekday) => ({ value: String(weekday), label: weekdayName(weekday, language) }))}
            value={String(rule.weekday)}
            onChange={(weekday) => {
              onChange({ ...rule, weekday: Number(weekday) });
            }}
          />
          {time}
        </>
      );
    case 'monthly':
      return (
        <>
          <NumberInput
            label={t('day')}
            w={110}
            min={1}
            max={31}
            clampBehavior="strict"
            allowDecimal={false}
            disabled={disabled}
            value={rule.day}
            onBlur={onBlur}
            onChange={(day) => {
              if (Number(day) >= 1) onChange({ ...rule, day: Number(day) });
            }}
          />
          {time}
        </>
      );
    default:
      return time;
  }
}
