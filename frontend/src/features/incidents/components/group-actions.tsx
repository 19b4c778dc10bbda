import { ActionIcon, Button, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBan, IconDots, IconPencil, IconPlayerSkipForward, IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import type { BulkFilter, BulkOperation, BulkOptions, IncidentGroup } from '@/shared/api/types';
import { prepareBulk } from '@/shared/bulk/prepare';
import { useMay } from '@/shared/session/me';

import { EditDialog } from './edit-dialog';

/** What can be done to a whole group. Each prepares a job and shows its dry run; nothing happens yet. */
export function GroupActions({ group, filter }: { group: IncidentGroup; filter: () => BulkFilter }) {
  const { t } = useTranslation('incidents');
  const fault = useFaultText();
  const may = useMay();
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  const preparing = useMutation({
    mutationFn: ({ operation, options }: { operation: BulkOperation; options?: BulkOptions }) => prepareBulk(operation, filter(), options),
    onSuccess: (job) => navigate({ to: '/bulk/$jobId', params: { jobId: job.id } }),
    onError: (error) => {
      notifications.show({ color: 'red', message: fault(error) });
    },
  });
  if (!may('process.operate')) return null;
  return (
    <>
      <Button.Group>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={preparing.isPending}
          onClick={() => { preparing.mutate({ operation: 'retry' }); }}
        >
          {t('retry')}
        </Button>
        <Menu position="bottom-end" width={250}>
          <Menu.Target>
            <ActionIcon variant="default" size={26} aria-label={t('more_actions')}>
              <IconDots size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t('act_hint', { count: group.count })}</Menu.Label>
            <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => { setEditing(true); }}>
              {t('edit_and_retry')}
            </Menu.Item>
            <Menu.Item leftSection={<IconPlayerSkipForward size={15} />} onClick={() => { preparing.mutate({ operation: 'skip' }); }}>
              {t('skip')}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconBan size={15} />} onClick={() => { preparing.mutate({ operation: 'cancel' }); }}>
              {t('cancel')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Button.Group>
      <EditDialog
        group={group}
        opened={editing}
        onClose={() => { setEditing(false); }}
        onPrepare={async (patch) => {
          await preparing.mutateAsync({ operation: 'retry', options: { patch } });
        }}
      />
    </>
  );
}
