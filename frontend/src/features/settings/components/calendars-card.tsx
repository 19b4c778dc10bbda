// The calendars of working days: everybody who draws sees them, administrators change them.

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { calendarsQuery, DEFAULT_CALENDAR } from '@/shared/api/calendars';
import type { Calendar } from '@/shared/api/types';
import { weekdayName } from '@/shared/cron/cron';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { Moment } from '@/shared/ui/moment';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { calendars } from '../api/calendars-api';
import { CalendarDialog } from './calendar-dialog';
import { ManagedCard } from './managed-card';

export function CalendarsCard() {
  const { t } = useTranslation('settings');
  const manages = useMay()('calendar.manage');
  const all = useQuery(calendarsQuery);
  return (
    <ManagedCard<Calendar>
      title={t('calendars.title')}
      add={t('calendars.add')}
      manages={manages}
      query={all}
      items={all.data}
      keyOf={({ key }) => key}
      editLabel={({ title }) => t('calendars.edit_of', { name: title })}
      removeLabel={({ key, title }) => (key === DEFAULT_CALENDAR ? undefined : t('calendars.remove_of', { name: title }))}
      columns={[
        { head: t('calendars.name'), cell: (calendar) => <Name calendar={calendar} /> },
        { head: t('calendars.weekend'), cell: (calendar) => <Weekend calendar={calendar} /> },
        { head: t('calendars.days'), muted: true, cell: (calendar) => <SpecialDays calendar={calendar} /> },
        {
          head: t('calendars.changed'),
          muted: true,
          cell: (calendar) => (
            <>
              <Moment at={calendar.changed_at} /> {calendar.changed_by}
            </>
          ),
        },
      ]}
      editor={(calendar, close) => <CalendarDialog {...(calendar !== undefined && { calendar })} onClose={close} />}
      remover={(calendar, close) => <RemoveCalendar calendar={calendar} onClose={close} />}
    />
  );
}

function Name({ calendar }: { calendar: Calendar }) {
  return (
    <>
      <div className={table.strong}>{calendar.title}</div>
      <div className={table.muted}>
        <span className={table.mono}>{calendar.key}</span> · {calendar.zone ?? 'UTC'}
      </div>
    </>
  );
}

function Weekend({ calendar }: { calendar: Calendar }) {
  const { t, i18n } = useTranslation('settings');
  const free = calendar.weekend.map((day) => weekdayName(day % 7, i18n.language)).join(', ');
  return free === '' ? t('calendars.none') : free;
}

/** What departs from the week; a week without exceptions says so. */
function SpecialDays({ calendar }: { calendar: Calendar }) {
  const { t } = useTranslation('settings');
  const [holidays, worked] = [calendar.holidays?.length ?? 0, calendar.worked?.length ?? 0];
  const days = [...(holidays > 0 ? [t('calendars.holidays', { count: holidays })] : []), ...(worked > 0 ? [t('calendars.worked', { count: worked })] : [])];
  return days.length === 0 ? t('calendars.none') : days.join(', ');
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
