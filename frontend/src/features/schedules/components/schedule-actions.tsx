import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Schedule } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { ReasonDialog } from '@/shared/ui/reason-dialog';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { schedules } from '../api/schedules-api';
import { RuleDialog } from './rule-dialog';
import { RunButton } from './run-button';

type Asked = 'edit' | 'pause' | 'resume' | 'remove';

export function ScheduleActions({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation('schedules');
  const may = useMay();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<Asked>();
  const close = () => {
    setAsked(undefined);
  };
  const manage = may('schedule.manage');
  const turn = schedule.state === 'active' ? 'pause' : 'resume';
  return (
    <>
      {manage && schedule.state !== 'retired' && (
        <Button
          variant="default"
          leftSection={turn === 'pause' ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          onClick={() => {
            setAsked(turn);
          }}
        >
          {t(`turn.${turn}`)}
        </Button>
      )}
      {manage && (
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <ActionIcon variant="default" size={30} aria-label={t('common:action.more')}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item
              leftSection={<IconPencil size={16} stroke={1.7} />}
              onClick={() => {
                setAsked('edit');
              }}
            >
              {t('edit')}
            </Menu.Item>
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} stroke={1.7} />}
              disabled={schedule.node_id !== undefined && schedule.state !== 'retired'}
              onClick={() => {
                setAsked('remove');
              }}
            >
              {t('remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {may('process.start') && schedule.state !== 'retired' && <RunButton schedule={schedule} />}
      {asked === 'edit' && <RuleDialog schedule={schedule} onClose={close} />}
      {asked === 'remove' && (
        <RemoveDialog
          title={t('remove_title', { name: schedule.name })}
          text={t('remove_text')}
          remove={() => schedules.remove(schedule.id)}
          onRemoved={async () => {
            client.removeQueries({ queryKey: ['schedules', 'one', schedule.id] });
            await client.invalidateQueries({ queryKey: ['schedules', 'list'] });
            await navigate({ to: '/schedules', search: {} });
          }}
          onClose={close}
        />
      )}
      <ReasonDialog
        opened={asked === 'pause' || asked === 'resume'}
        onClose={close}
        title={t(`turn.${turn}_title`, { name: schedule.name })}
        explanation={t(`turn.${turn}_text`)}
        confirm={t(`turn.${turn}`)}
        onConfirm={async (reason) => {
          await (turn === 'pause' ? schedules.pause(schedule.id, reason) : schedules.resume(schedule.id, reason));
          await client.invalidateQueries({ queryKey: ['schedules'] });
        }}
      />
    </>
  );
}
