import { Button, Tooltip } from '@mantine/core';
import { IconArrowForwardUp, IconPencil, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Permit, Task } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';

import type { Operation } from './operation-dialogs';
import { usePermitReason } from './permit-reason';
import classes from './task-actions.module.css';

/** What can be done with the task; what cannot says why on hover and focus. */
export function TaskActions({ task, onOperate }: { task: Task; onOperate: (operation: Operation) => void }) {
  const { t } = useTranslation('process');
  const may = useMay();
  if (task.kind !== 'service_task') return null;
  const permit = (name: 'retry' | 'edit_and_retry' | 'skip'): Permit =>
    may('process.operate') ? task.actions[name] : { allowed: false, reason: 'forbidden' };
  return (
    <div className={classes.actions}>
      <ActionButton
        primary
        icon={<IconRefresh size={15} />}
        label={t('action.retry')}
        permit={permit('retry')}
        onClick={() => {
          onOperate({ kind: 'retry', task: task.id });
        }}
      />
      <ActionButton
        icon={<IconPencil size={15} />}
        label={t('action.edit_and_retry')}
        permit={permit('edit_and_retry')}
        onClick={() => {
          onOperate({ kind: 'edit', task: task.id });
        }}
      />
      <ActionButton
        icon={<IconArrowForwardUp size={15} />}
        label={t('action.skip')}
        permit={permit('skip')}
        onClick={() => {
          onOperate({ kind: 'skip', task: task.id });
        }}
      />
    </div>
  );
}

interface ActionButtonProps {
  icon: ReactNode;
  label: string;
  permit: Permit;
  primary?: boolean;
  onClick: () => void;
}

function ActionButton({ icon, label, permit, primary, onClick }: ActionButtonProps) {
  const reasonOf = usePermitReason();
  return (
    <Tooltip label={reasonOf(permit)} disabled={permit.allowed}>
      <Button
        variant={primary && permit.allowed ? 'filled' : 'default'}
        leftSection={icon}
        data-disabled={!permit.allowed || undefined}
        aria-disabled={!permit.allowed}
        onClick={() => {
          if (permit.allowed) onClick();
        }}
      >
        {label}
      </Button>
    </Tooltip>
  );
}
