import { Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { JsonObject, Task, TaskWait } from '@/shared/api/types';
import { formatMoment } from '@/shared/format/time';
import type { LiveProcess } from '@/shared/run/live-process';
import { taskQuery } from '@/shared/run/run-api';
import { ValueEditor } from '@/shared/schema-form/value-editor';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { operate } from '../api/process-api';

interface WaitDialogProps {
  live: LiveProcess;
  task: string;
  onClose: () => void;
  onDone: (message: string) => void;
}

/** What a task waits for, of one kind. */
export function waitsOf(task: Task, kind: TaskWait['kind']): TaskWait[] {
  return task.waits.filter((each) => each.kind === kind);
}

/** Lets a time that a task waits for come now. */
export function FireDialog({ live, task: id, onClose, onDone }: WaitDialogProps) {
  const { t, i18n } = useTranslation('process');
  const task = useQuery(taskQuery(live.process.id, id)).data;
  const [chosen, setChosen] = useState<string>();
  if (!task) return null;
  const times = waitsOf(task, 'timer');
  const time = times.find((each) => each.node === chosen) ?? times[0];
  const nameOf = (each: TaskWait) => (each.until === undefined ? each.title : `${each.title} · ${formatMoment(each.until, i18n.language)}`);
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={t('dialog.fire.title', { title: task.title })}
      explanation={t('dialog.fire.text')}
      confirm={t('dialog.fire.confirm')}
      ready={time !== undefined}
      onConfirm={async (reason) => {
        if (time === undefined) return;
        await operate.fire(live.process.id, task.id, { reason, node: time.node });
        onDone(t('dialog.fire.done'));
      }}
    >
      <Select
        label={t('dialog.fire.which')}
        allowDeselect={false}
        value={time?.node ?? null}
        data={times.map((each) => ({ value: each.node, label: nameOf(each) }))}
        onChange={(value) => {
          setChosen(value ?? undefined);
        }}
      />
    </ReasonDialog>
  );
}

/** Sends this process a message that it waits for. */
export function MessageDialog({ live, task: id, onClose, onDone }: WaitDialogProps) {
  const { t } = useTranslation('process');
  const task = useQuery(taskQuery(live.process.id, id)).data;
  const [chosen, setChosen] = useState<string>();
  const [payload, setPayload] = useState<JsonObject>({});
  const [readable, setReadable] = useState(true);
  if (!task) return null;
  const messages = waitsOf(task, 'message');
  const message = messages.find((each) => each.node === chosen) ?? messages[0];
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={t('dialog.message.title', { title: task.title })}
      explanation={t('dialog.message.text')}
      confirm={t('dialog.message.confirm')}
      size={620}
      ready={readable && message?.name !== undefined}
      onConfirm={async (reason) => {
        if (message?.name === undefined) return;
        await operate.message(live.process.id, {
          reason, name: message.name, payload, ...(message.key !== undefined && { key: message.key }),
        });
        onDone(t('dialog.message.done'));
      }}
    >
      <Select
        label={t('dialog.message.which')}
        allowDeselect={false}
        value={message?.node ?? null}
        data={messages.map((each) => ({ value: each.node, label: each.name ?? each.title }))}
        onChange={(value) => {
          setChosen(value ?? undefined);
        }}
      />
      {message?.key !== undefined && <TextInput label={t('dialog.message.key')} value={message.key} readOnly />}
      <ValueEditor schema={{}} value={payload} issues={[]} processId={live.process.id} onChange={setPayload} onReadable={setReadable} />
    </ReasonDialog>
  );
}
