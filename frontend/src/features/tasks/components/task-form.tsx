import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck, IconHandGrab } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';
import type { JsonObject, UserTask } from '@/shared/api/types';
import { asSchema, initialValue } from '@/shared/schema-form/schema';
import { SchemaForm } from '@/shared/schema-form/schema-form';
import { issuesBelow, validate, type FieldIssue } from '@/shared/schema-form/validate';
import { useMay, useMe } from '@/shared/session/me';
import { Card } from '@/shared/ui/page';

import { userTasks, type TaskKey } from '../api/tasks-api';

const anything = { type: 'object' };

/** The answer to a task: it is taken first, so that two people do not do the same work. */
export function TaskForm({ task, at, onDone }: { task: UserTask; at: TaskKey; onDone: () => void }) {
  const { t } = useTranslation('tasks');
  const fault = useFaultText();
  const me = useMe();
  const may = useMay();
  const client = useQueryClient();
  const schema = asSchema(task.form ?? anything);
  const [answer, setAnswer] = useState<JsonObject>(() => asSchema(initialValue(schema, schema)));
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);
  const mine = task.claimed_by === me.login;
  const others = task.claimed_by !== undefined && !mine;

  const refresh = () => client.invalidateQueries({ queryKey: ['user-tasks'] });
  const claiming = useMutation({ mutationFn: () => userTasks.claim(at), onSettled: refresh });
  const releasing = useMutation({ mutationFn: () => userTasks.release(at), onSettled: refresh });
  const completing = useMutation({
    mutationFn: () => userTasks.complete(at, answer),
    onError: (error) => {
      if (error instanceof ApiError) setIssues(issuesBelow(error.issues, '/output'));
    },
    onSuccess: () => {
      notifications.show({ color: 'teal', icon: <IconCheck size={16} />, message: t('done', { title: task.title }) });
      onDone();
    },
    onSettled: refresh,
  });
  const error = claiming.error ?? releasing.error ?? completing.error;

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const found = validate(schema, answer);
    setIssues(found);
    if (found.length === 0) completing.mutate();
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Card title={t('answer')}>
          <SchemaForm
            schema={schema}
            value={answer}
            issues={issues}
            disabled={!mine}
            onChange={(next) => {
              setAnswer(next);
              setIssues([]);
            }}
          />
        </Card>
        {error && (
          <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
            {fault(error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="sm">
          {others && (
            <Text size="sm" c="dimmed">
              {t('claimed_by', { who: task.claimed_by })}
            </Text>
          )}
          {issues.length > 0 && (
            <Text size="sm" c="red" role="status">
              {t('start:to_correct', { count: issues.length })}
            </Text>
          )}
          {(mine || (others && may('process.operate'))) && (
            <Button variant="default" size="sm" loading={releasing.isPending} onClick={() => { releasing.mutate(); }}>
              {t('release')}
            </Button>
          )}
          {task.claimed_by === undefined && (
            <Button size="sm" loading={claiming.isPending} leftSection={<IconHandGrab size={16} />} onClick={() => { claiming.mutate(); }}>
              {t('claim')}
            </Button>
          )}
          {mine && (
            <Button type="submit" size="sm" loading={completing.isPending} leftSection={<IconCheck size={16} />}>
              {t('complete')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
