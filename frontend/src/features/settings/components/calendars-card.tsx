// The calendars of working days: everybody who draws sees them, administrators change them.

import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { calendarsQuery, DEFAULT_CALENDAR } from '@/shared/api/calendars';
import type { Calendar } from '@/shared/api/types';
import { weekdayName } from '@/shared/cron/cron';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { calendars } from '../api/calendars-api';
import { CalendarDialog } from './calendar-dialog';

export function CalendarsCard() {
  const { t } = useTranslation('settings');
  const may = useMay();
  const [edited, setEdited] = useState<Calendar | 'new'>();
  const [removed, setRemoved] = useState<Calendar>();
  const all = useQuery(calendarsQuery);
  const manages = may('calendar.manage');
  return (
    <Card
      flush
      title={t('calendars.title')}
      aside={
        manages && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setEdited('new');
            }}
          >
            {t('calendars.add')}
          </Button>
        )
      }
    >
      {all.error ? (
        <ErrorState error={all.error} onRetry={() => void all.refetch()} />
      ) : all.isPending ? (
        <LoadingRows rows={2} />
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t('calendars.name')}</th>
              <th>{t('calendars.weekend')}</th>
              <th>{t('calendars.days')}</th>
              <th>{t('calendars.changed')}</th>
              {manages && <th />}
            </tr>
          </thead>
          <tbody>
            {all.data.map((calendar) => (
              <CalendarRow
                key={calendar.key}
                calendar={calendar}
                manages={manages}
                onEdit={() => {
                  setEdited(calendar);
                }}
                onRemove={() => {
                  setRemoved(calendar);
                }}
              />
            ))}
          </tbody>
        </table>
      )}
      {edited !== undefined && (
        <CalendarDialog
          {...(edited === 'new' ? {} : { calendar: edited })}
          onClose={() => {
            setEdited(undefined);
          }}
        />
      )}
      {removed !== undefined && (
        <RemoveCalendar
          calendar={removed}
          onClose={() => {
            setRemoved(undefined);
          }}
        />
      )}
    </Card>
  );
}

interface CalendarRowProps {
  calendar: Calendar;
  manages: boolean;
  onEdit: () => void;
  onRemove: () => void;
}

function CalendarRow({ calendar, manages, onEdit, onRemove }: CalendarRowProps) {
  const { t, i18n } = useTranslation('settings');
  const free = calendar.weekend.map((day) => weekdayName(day % 7, i18n.language)).join(', ');
  return (
    <tr>
      <td>
        <div className={table.strong}>{calendar.title}</div>
        <div className={table.muted}>
          <span className={table.mono}>{calendar.key}</span> · {calendar.zone ?? 'UTC'}
        </div>
      </td>
      <td>{free === '' ? t('calendars.none') : free}</td>
      <td className={table.muted}>
        {t('calendars.holidays', { count: calendar.holidays?.length ?? 0 })}, {t('calendars.worked', { count: calendar.worked?.length ?? 0 })}
      </td>
      <td className={table.muted}>
        <Moment at={calendar.changed_at} /> {calendar.changed_by}
      </td>
      {manages && (
        <td className={table.number}>
          <Group gap={4} justify="flex-end" wrap="nowrap">
            <ActionIcon aria-label={t('calendars.edit_of', { name: calendar.title })} onClick={onEdit}>
              <IconPencil size={16} stroke={1.7} />
            </ActionIcon>
            {calendar.key !== DEFAULT_CALENDAR && (
              <ActionIcon aria-label={t('calendars.remove_of', { name: calendar.title })} onClick={onRemove}>
                <IconTrash size={16} stroke={1.7} />
              </ActionIcon>
            )}
          </Group>
        </td>
      )}
    </tr>
  );
}

function RemoveCalendar({ calendar, onClose }: { calendar: Calendar; onClose: () => void }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  return (
    <RemoveDialog
      title={t('calendars.remove_of', { name: calendar.title })}
      text={t('calendars.remove_note')}
      confirm={t('calendars.remove')}
      remove={() => calendars.remove(calendar)}
      onRemoved={() => client.invalidateQueries({ queryKey: calendarsQuery.queryKey })}
      onClose={onClose}
    />
  );
}
