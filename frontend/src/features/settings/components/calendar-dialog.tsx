// One calendar: the days of the week that are free, and days by name, one a line.

import { Checkbox, Group, Modal, Select, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { calendarsQuery } from '@/shared/api/calendars';
import type { Calendar } from '@/shared/api/types';
import { weekdayName, zones } from '@/shared/cron/cron';

import { calendars, type CalendarRule } from '../api/calendars-api';
import { daysOf, linesOf } from '../model/calendar-days';
import { SaveForm, useSaving } from './save-form';

interface CalendarDialogProps {
  /** Absent: a new one. */
  calendar?: Calendar;
  onClose: () => void;
}

export function CalendarDialog({ calendar, onClose }: CalendarDialogProps) {
  const { t } = useTranslation('settings');
  return (
    <Modal opened onClose={onClose} size={640} title={calendar === undefined ? t('calendars.add') : calendar.title}>
      <Form onClose={onClose} {...(calendar === undefined ? {} : { calendar })} />
    </Modal>
  );
}

const WEEK = [1, 2, 3, 4, 5, 6, 7];
const FIELDS = ['title', 'key', 'zone', 'weekend', 'holidays', 'worked'];

function Form({ calendar, onClose }: CalendarDialogProps) {
  const { t, i18n } = useTranslation('settings');
  const [key, setKey] = useState('');
  const [title, setTitle] = useState(calendar?.title ?? '');
  const [zone, setZone] = useState(calendar?.zone ?? 'UTC');
  const [weekend, setWeekend] = useState<number[]>(calendar?.weekend ?? [6, 7]);
  const [holidays, setHolidays] = useState(linesOf(calendar?.holidays ?? []));
  const [worked, setWorked] = useState(linesOf(calendar?.worked ?? []));
  const keep = () => {
    const rule: CalendarRule = {
      title, weekend, holidays: daysOf(holidays).days, worked: daysOf(worked).days, ...(zone === 'UTC' ? {} : { zone }),
    };
    return calendar === undefined ? calendars.add(key.trim(), rule) : calendars.change(calendar, rule);
  };
  const saving = useSaving(keep, calendarsQuery.queryKey, onClose);
  const issueOf = (field: string) => saving.refused(field)?.message;
  const dayIssue = (field: string, text: string) => {
    const refused = saving.refused(field);
    if (refused === undefined) return undefined;
    const line = daysOf(text).lines[Number(refused.path[1])];
    return line === undefined ? refused.message : t('calendars.line', { line, message: refused.message });
  };
  return (
    <SaveForm saving={saving} fields={FIELDS} onClose={onClose}>
      <Group grow align="flex-start">
        <TextInput
          label={t('calendars.name')}
          required
          data-autofocus
          maxLength={200}
          value={title}
          error={issueOf('title')}
          onChange={(event) => {
            setTitle(event.currentTarget.value);
          }}
        />
        {calendar === undefined && (
          <TextInput
            label={t('calendars.key')}
            required
            maxLength={63}
            placeholder="registry"
            value={key}
            error={issueOf('key')}
            onChange={(event) => {
              setKey(event.currentTarget.value);
            }}
          />
        )}
        <Select
          label={t('calendars.zone')}
          searchable
          allowDeselect={false}
          data={zones().includes(zone) ? zones() : [zone, ...zones()]}
          value={zone}
          error={issueOf('zone')}
          onChange={(next) => {
            if (next !== null) setZone(next);
          }}
        />
      </Group>
      <Checkbox.Group
        label={t('calendars.weekend')}
        value={weekend.map(String)}
        error={issueOf('weekend')}
        onChange={(days) => {
          setWeekend(WEEK.filter((day) => days.includes(String(day))));
        }}
      >
        <Group gap="md" mt={4}>
          {WEEK.map((day) => (
            <Checkbox key={day} value={String(day)} label={weekdayName(day % 7, i18n.language)} />
          ))}
        </Group>
      </Checkbox.Group>
      <Days label={t('calendars.holidays_label')} hint={t('calendars.holidays_hint')} value={holidays} error={dayIssue('holidays', holidays)} onChange={setHolidays} />
      <Days label={t('calendars.worked_label')} hint={t('calendars.worked_hint')} value={worked} error={dayIssue('worked', worked)} onChange={setWorked} />
      {calendar !== undefined && (
        <Text size="xs" c="dimmed">
          {t('calendars.change_note')}
        </Text>
      )}
    </SaveForm>
  );
}

interface DaysProps {
  label: string;
  hint: string;
  value: string;
  error: string | undefined;
  onChange: (text: string) => void;
}

function Days({ label, hint, value, error, onChange }: DaysProps) {
  return (
    <Textarea
      label={label}
      description={hint}
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      autosize
      minRows={3}
      maxRows={10}
      spellCheck={false}
      value={value}
      error={error}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}
