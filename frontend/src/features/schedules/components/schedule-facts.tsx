import { Alert } from '@mantine/core';
import { IconAlertTriangle, IconArchive, IconPlayerPause } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Schedule } from '@/shared/api/types';
import { CronTimes } from '@/shared/cron/cron-times';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { JsonView } from '@/shared/ui/json-view';
import { Moment } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';

import classes from '../schedules.module.css';
import { When } from './when';

export function ScheduleFacts({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation('schedules');
  const overlap = schedule.overlap ?? 'allow';
  const misfire = schedule.misfire ?? 'run_once';
  return (
    <>
      <Rest schedule={schedule} />
      <Card>
        <div className={classes.facts}>
          <dl>
            <Fact name={t('comes')}>
              <When schedule={schedule} />
            </Fact>
            <Fact name={t('definition')}>
              <AnchorLink to="/definitions/$key" params={{ key: schedule.definition }} size="sm">
                {schedule.definition_title}
              </AnchorLink>{' '}
              {schedule.version === undefined ? t('latest') : `v${schedule.version}`}
            </Fact>
            {schedule.node_id !== undefined && <Fact name={t('belongs')}>{t('belongs_to', { node: schedule.node_id })}</Fact>}
            {schedule.custom_id !== undefined && <Fact name="customId">{schedule.custom_id}</Fact>}
            <Fact name={t('misfire')}>
              {t(`misfires.${misfire}`)}
              {misfire === 'catch_up' && ` · ${t('at_most', { count: schedule.catch_up_most ?? 10 })}`}
            </Fact>
            <Fact name={t('overlap')}>
              {t(`overlaps.${overlap}`)}
              {overlap !== 'allow' && ` · ${t('at_a_time', { count: schedule.max_running ?? 1 })}`}
            </Fact>
            {(schedule.max_errors ?? 0) > 0 && <Fact name={t('stops')}>{t('after_failures', { count: schedule.max_errors })}</Fact>}
            <Fact name={t('column.running')}>{schedule.running}</Fact>
            {schedule.created_by !== undefined && (
              <Fact name={t('made')}>
                {schedule.created_by}, <Moment at={schedule.created_at} />
              </Fact>
            )}
          </dl>
          <div>{schedule.next_at !== undefined && <CronTimes cron={schedule.cron} zone={schedule.zone ?? ''} />}</div>
          {Object.keys(schedule.input ?? {}).length > 0 && (
            <div>
              <h3>{t('input')}</h3>
              <JsonView value={schedule.input} maxHeight={180} />
            </div>
          )}
        </div>
      </Card>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Why the schedule does not fire, when it does not. */
function Rest({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation('schedules');
  const since = (
    <>
      {' '}
      <Moment at={schedule.state_at} />
    </>
  );
  switch (schedule.state) {
    case 'paused':
      return (
        <Alert color="yellow" variant="light" icon={<IconPlayerPause size={18} />}>
          {t('rest.paused', { who: schedule.state_by ?? '' })}
          {since}
          {schedule.state_reason !== undefined && `: ${schedule.state_reason}`}
        </Alert>
      );
    case 'stopped':
      return (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />}>
          {t('rest.stopped')}
          {since}
          {schedule.state_reason !== undefined && `: ${schedule.state_reason}`}. {t('rest.stopped_hint')}
        </Alert>
      );
    case 'retired':
      return (
        <Alert color="gray" variant="light" icon={<IconArchive size={18} />}>
          {t('rest.retired')}
        </Alert>
      );
    default:
      return null;
  }
}
