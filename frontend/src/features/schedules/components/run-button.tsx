import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import type { Schedule } from '@/shared/api/types';

import { schedules } from '../api/schedules-api';

/** Starts a process of a schedule now; the schedule's history leads to it. */
export function RunButton({ schedule, icon = false }: { schedule: Schedule; icon?: boolean }) {
  const { t } = useTranslation('schedules');
  const fault = useFaultText();
  const client = useQueryClient();
  const run = useMutation({
    mutationFn: () => schedules.run(schedule.id),
    onSuccess: () => {
      notifications.show({ color: 'teal', message: t('run.started') });
    },
    onError: (error) => {
      notifications.show({ color: 'red', title: t('run.refused'), message: fault(error) });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['schedules'] }),
  });
  const start = () => {
    run.mutate();
  };
  if (icon) {
    return (
      <Tooltip label={t('run.now')}>
        <ActionIcon aria-label={t('run.now_of', { name: schedule.name })} loading={run.isPending} onClick={start}>
          <IconPlayerPlay size={16} stroke={1.7} />
        </ActionIcon>
      </Tooltip>
    );
  }
  return (
    <Button leftSection={<IconPlayerPlay size={15} />} loading={run.isPending} onClick={start}>
      {t('run.now')}
    </Button>
  );
}
