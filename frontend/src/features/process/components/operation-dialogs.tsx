import { Select } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { ProcessGraph } from '@/shared/api/types';
import { startOf } from '@/shared/graph/query';
import type { LiveProcess } from '@/shared/run/live-process';
import { processKey, taskQuery } from '@/shared/run/run-api';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { operate } from '../api/process-api';
import { InputDialog } from './input-dialog';
import { MigrateDialog } from './migrate-dialog';
import { RestartFromDialog } from './restart-from-dialog';
import { FireDialog, MessageDialog } from './wait-dialogs';

export type Operation =
  | { kind: 'cancel' | 'suspend' | 'resume' | 'restart' | 'delete' | 'priority' | 'migrate' }
  | { kind: 'retry' | 'edit' | 'skip'; task: string }
  | { kind: 'fire' | 'message' | 'restart_entry' | 'restart_failed'; task: string }
  | { kind: 'restart_from'; node: string; scope?: string };

interface DialogsProps {
  operation: Operation | undefined;
  live: LiveProcess;
  graph: ProcessGraph;
  onClose: () => void;
}

/** One dialog per operation: what it will do, what it takes, why it is done. */
export function Dialogs({ operation, live, graph, onClose }: DialogsProps) {
  const { t } = useTranslation('process');
  const client = useQueryClient();
  const navigate = useNavigate();
  const { process } = live;
  if (!operation) return null;

  const done = (message: string) => {
    notifications.show({ message, color: 'teal' });
    void client.invalidateQueries({ queryKey: [...processKey(process.id), 'audit'] });
  };

  switch (operation.kind) {
    case 'cancel':
    case 'suspend':
    case 'resume': {
      const { kind } = operation;
      return (
        <ReasonDialog
          opened
          onClose={onClose}
          danger={kind === 'cancel'}
          title={t(`dialog.${kind}.title`, { id: process.custom_id })}
          explanation={t(`dialog.${kind}.text`)}
          confirm={t(`dialog.${kind}.confirm`)}
          onConfirm={async (reason) => {
            await operate[kind](process.id, reason);
            done(t(`dialog.${kind}.done`));
          }}
        />
      );
    }
    case 'delete':
      return (
        <ReasonDialog
          opened
          onClose={onClose}
          danger
          title={t('dialog.delete.title', { id: process.custom_id })}
          explanation={t('dialog.delete.text')}
          confirm={t('dialog.delete.confirm')}
          onConfirm={async (reason) => {
            await operate.delete(process.id, reason);
            notifications.show({ message: t('dialog.delete.done', { id: process.custom_id }), color: 'teal' });
            await navigate({ to: '/processes' });
            client.removeQueries({ queryKey: processKey(process.id) });
          }}
        />
      );
    case 'priority':
      return <PriorityDialog live={live} onClose={onClose} onDone={done} />;
    case 'retry': {
      const task = live.tasks[operation.task];
      return (
        <ReasonDialog
          opened
          onClose={onClose}
          title={t('dialog.retry.title', { title: task?.title ?? '' })}
          explanation={t(task?.child !== undefined && task.state === 'running' ? 'dialog.retry.call' : 'dialog.retry.text')}
          confirm={t('dialog.retry.confirm')}
          onConfirm={async (reason) => {
            await operate.retry(process.id, operation.task, { reason });
            done(t('dialog.retry.done'));
          }}
        />
      );
    }
    case 'restart_entry':
    case 'restart_failed': {
      const { kind, task } = operation;
      return (
        <ReasonDialog
          opened
          onClose={onClose}
          title={t(`dialog.${kind}.title`, { title: live.tasks[task]?.title ?? '' })}
          explanation={t(`dialog.${kind}.text`)}
          confirm={t(`dialog.${kind}.confirm`)}
          onConfirm={async (reason) => {
            await (kind === 'restart_entry' ? operate.restartEntry : operate.restartFailed)(process.id, task, { reason });
            done(t(`dialog.${kind}.done`));
          }}
        />
      );
    }
    case 'fire':
      return <FireDialog live={live} task={operation.task} onClose={onClose} onDone={done} />;
    case 'message':
      return <MessageDialog live={live} task={operation.task} onClose={onClose} onDone={done} />;
    case 'migrate':
      return <MigrateDialog live={live} graph={graph} onClose={onClose} onDone={done} />;
    case 'restart_from':
      return <RestartFromDialog live={live} graph={graph} node={operation.node} scope={operation.scope} onClose={onClose} onDone={done} />;
    case 'edit':
    case 'skip':
      return <TaskInputDialog operation={operation} live={live} graph={graph} onClose={onClose} onDone={done} />;
    case 'restart': {
      const start = startOf(graph.document)?.start;
      return (
        <InputDialog
          title={t('dialog.restart.title', { id: process.custom_id })}
          explanation={t('dialog.restart.text')}
          confirm={t('dialog.restart.confirm')}
          schema={start?.input_schema ?? {}}
          initial={process.input ?? {}}
          processId={process.id}
          customId={process.custom_id}
          issuePrefix="/input"
          onClose={onClose}
          onSubmit={async (reason, input, customId) => {
            const { id } = await operate.restart(process.id, {
              reason, input, ...(customId === undefined ? {} : { custom_id: customId }),
            });
            done(t('dialog.restart.done'));
            await navigate({ to: '/processes/$processId', params: { processId: id } });
          }}
        />
      );
    }
  }
}

function PriorityDialog({ live, onClose, onDone }: { live: LiveProcess; onClose: () => void; onDone: (message: string) => void }) {
  const { t } = useTranslation('process');
  const { process } = live;
  const [priority, setPriority] = useState(process.priority);
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={t('dialog.priority.title', { id: process.custom_id })}
      explanation={t('dialog.priority.text')}
      confirm={t('dialog.priority.confirm')}
      ready={priority !== process.priority}
      onConfirm={async (reason) => {
        await operate.prioritise(process.id, { reason, priority });
        onDone(t('dialog.priority.done'));
      }}
    >
      <Select
        label={t('start:priority')}
        allowDeselect={false}
        value={String(priority)}
        data={[1, 2, 3, 4, 5].map((level) => ({ value: String(level), label: t(`start:priority_${level}`) }))}
        onChange={(value) => {
          setPriority(Number(value));
        }}
      />
    </ReasonDialog>
  );
}

interface TaskInputDialogProps extends Omit<DialogsProps, 'operation'> {
  operation: { kind: 'retry' | 'edit' | 'skip'; task: string };
  onDone: (message: string) => void;
}

function TaskInputDialog({ operation, live, graph, onClose, onDone }: TaskInputDialogProps) {
  const { t } = useTranslation('process');
  const { process } = live;
  const task = useQuery(taskQuery(process.id, operation.task)).data;
  if (!task) return null;
  const type = graph.node_types.find((candidate) => candidate.type === task.node_type);
  const node = graph.document.nodes.find((candidate) => candidate.id === task.node_id);
  const skip = operation.kind === 'skip';
  // A result mapping replaces the worker's output: then its schema says nothing of the value that goes on.
  const outputSchema = node?.service?.result ? {} : (type?.output_schema ?? {});
  return (
    <InputDialog
      title={t(`dialog.${operation.kind}.title`, { title: task.title })}
      explanation={t(`dialog.${operation.kind}.text`)}
      confirm={t(`dialog.${operation.kind}.confirm`)}
      schema={skip ? outputSchema : (type?.input_schema ?? {})}
      initial={skip ? (task.output ?? {}) : (task.input ?? {})}
      processId={process.id}
      issuePrefix={skip ? '/output' : '/input'}
      lenient={skip}
      onClose={onClose}
      onSubmit={async (reason, value) => {
        if (skip) await operate.skip(process.id, task.id, { reason, output: value });
        else await operate.retry(process.id, task.id, { reason, input: value });
        onDone(t(`dialog.${operation.kind}.done`));
      }}
    />
  );
}
