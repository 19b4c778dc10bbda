import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { apiBase } from '@/shared/api/client';
import { useMay } from '@/shared/session/me';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';
import { asSchema } from '@/shared/schema-form/schema';

import { taskQuery, type TaskKey } from '../api/tasks-api';
import classes from '../tasks-page.module.css';
import { DuePill } from './due-pill';
import { ShownInput } from './shown-input';
import { TaskForm } from './task-form';

/** One task: what it is about, what is shown, and the answer. */
export function TaskDetail({ at, onDone }: { at: TaskKey; onDone: () => void }) {
  const { t } = useTranslation('tasks');
  const may = useMay();
  const { data: task, error, refetch } = useQuery(taskQuery(at));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!task) return <LoadingRows rows={4} />;
  const input = asSchema(task.input);
  const filesAt = `${apiBase}/user-tasks/${at.process}/${at.task}/files`;
  const name = task.custom_id === '' ? at.process : task.custom_id;
  return (
    <article className={classes.detail} data-testid="user-task">
      <Stack gap="md">
        <header className={classes.head}>
          <h2>{task.title}</h2>
          <p className={classes.facts}>
            {may('process.read') ? (
              <Link to="/processes/$processId" params={{ processId: at.process }}>
                {name}
              </Link>
            ) : (
              <span>{name}</span>
            )}
            <span>
              {task.definition_title} v{task.version}
            </span>
            <span>
              {t('created')} <RelativeTime at={task.created_at} />
            </span>
            {task.due_at !== undefined && <DuePill due={task.due_at} />}
            {task.escalated_at !== undefined && <Pill tone="bad">{t('escalated')}</Pill>}
            {task.held && (
              <Pill tone="wait" title={t('held_hint')}>
                {t('held')}
              </Pill>
            )}
          </p>
          <p className={classes.groups}>
            {task.assignee !== undefined
              ? t('for_one', { who: task.assignee })
              : task.groups.length === 0
                ? t('for_all')
                : t('for_groups', { groups: task.groups.join(', ') })}
          </p>
        </header>
        {task.doc !== undefined && <p className={classes.doc}>{task.doc}</p>}
        {Object.keys(input).length > 0 && (
          <Card title={t('shown')}>
            <ShownInput input={input} schema={asSchema(task.input_schema)} filesAt={filesAt} />
          </Card>
        )}
        <TaskForm key={`${at.process}/${at.task}`} task={task} at={at} onDone={onDone} />
      </Stack>
    </article>
  );
}
