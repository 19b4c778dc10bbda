import { Button, Tooltip } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconClockPlay, IconMailForward, IconPencil, IconRefresh, IconRepeat } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Permit, Process, ProcessGraph, Task } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { usePhone } from '@/shared/ui/use-phone';

import type { Operation } from './operation-dialogs';
import { usePermitReason } from './permit-reason';
import classes from './task-actions.module.css';
import { waitsOf } from './wait-dialogs';

interface TaskActionsProps {
  process: Process;
  graph: ProcessGraph;
  task: Task;
  onOperate: (operation: Operation) => void;
}

/** What can be done with the task; what a worker's task cannot says why on hover and focus, what makes no sense is not there. */
export function TaskActions({ process, graph, task, onOperate }: TaskActionsProps) {
  const { t } = useTranslation('process');
  const may = useMay();
  const phone = usePhone();
  const permit = (name: keyof Task['actions']): Permit =>
    may('process.operate') ? task.actions[name] : { allowed: false, reason: 'forbidden' };
  const service = task.kind === 'service_task';
  const shown = (name: 'retry' | 'edit_and_retry' | 'skip') => service || permit(name).allowed;
  const parent = graph.document.nodes.find((each) => each.id === task.node_id)?.parent;
  if (phone) return null;
  const buttons = [
    shown('retry') && (
      <ActionButton
        key="retry"
        primary
        icon={<IconRefresh size={15} />}
        label={t('action.retry')}
        permit={permit('retry')}
        onClick={() => {
          onOperate({ kind: 'retry', task: task.id });
        }}
      />
    ),
    shown('edit_and_retry') && (
      <ActionButton
        key="edit"
        icon={<IconPencil size={15} />}
        label={t('action.edit_and_retry')}
        permit={permit('edit_and_retry')}
        onClick={() => {
          onOperate({ kind: 'edit', task: task.id });
        }}
      />
    ),
    shown('skip') && (
      <ActionButton
        key="skip"
        icon={<IconArrowForwardUp size={15} />}
        label={t('action.skip')}
        permit={permit('skip')}
        onClick={() => {
          onOperate({ kind: 'skip', task: task.id });
        }}
      />
    ),
    may('process.operate') && waitsOf(task, 'message').length > 0 && (
      <ActionButton
        key="message"
        icon={<IconMailForward size={15} />}
        label={t('action.message')}
        permit={{ allowed: true }}
        onClick={() => {
          onOperate({ kind: 'message', task: task.id });
        }}
      />
    ),
    may('process.operate') && waitsOf(task, 'timer').length > 0 && (
      <ActionButton
        key="fire"
        icon={<IconClockPlay size={15} />}
        label={t('action.fire')}
        permit={{ allowed: true }}
        onClick={() => {
          onOperate({ kind: 'fire', task: task.id });
        }}
      />
    ),
    ...(['restart_entry', 'restart_failed'] as const).map(
      (kind) =>
        permit(kind).allowed && (
          <ActionButton
            key={kind}
            icon={<IconRepeat size={15} />}
            label={t(`action.${kind}`)}
            permit={permit(kind)}
            onClick={() => {
              onOperate({ kind, task: task.id });
            }}
          />
        ),
    ),
    <RestartFromButton key="restart_from" process={process} node={task.node_id} scope={parent === undefined ? undefined : task.scope_id} onOperate={onOperate} />,
  ].filter(Boolean);
  return <div className={classes.actions}>{buttons}</div>;
}

interface RestartFromButtonProps {
  process: Process;
  node: string;
  /** The run of the sub-process around the node. */
  scope?: string | undefined;
  onOperate: (operation: Operation) => void;
}

/** Goes back to a node, or on to it; the plan that follows says whether it can be done. */
export function RestartFromButton({ process, node, scope, onOperate }: RestartFromButtonProps) {
  const { t } = useTranslation('process');
  const may = useMay();
  return (
    <ActionButton
      icon={<IconArrowBackUp size={15} />}
      label={t('action.restart_from')}
      permit={may('process.operate') ? process.actions.restart_from : { allowed: false, reason: 'forbidden' }}
      onClick={() => {
        onOperate({ kind: 'restart_from', node, ...(scope !== undefined && { scope }) });
      }}
    />
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
