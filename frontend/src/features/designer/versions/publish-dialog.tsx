// Publishing: a note for those who read the list of versions, and what stands in the way.

import { Alert, Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { publish } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';

import { useDocument, useProblems, useSession, useUi } from '../hooks/designer-context';
import { PublishedDifference } from './published-difference';

export function PublishDialog() {
  const { t } = useTranslation('designer');
  const { context, title } = useSession();
  const opened = useUi((state) => state.dialog === 'publish');
  const close = (): void => {
    context.ui.setState({ dialog: undefined });
  };
  return (
    <Modal opened={opened} onClose={close} title={t('publish.title', { title })} size={600} keepMounted={false}>
      <PublishForm onDone={close} />
    </Modal>
  );
}

function PublishForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('designer');
  const fault = useFaultText();
  const { context, definition, keeper, latest } = useSession();
  const client = useQueryClient();
  const doc = useDocument();
  const problems = useProblems();
  const [note, setNote] = useState('');
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const run = useMutation({
    mutationFn: async () => {
      if (!(await keeper.flush())) throw new Error(t('publish.not_saved'));
      return publish(definition, note.trim(), keeper.state.getState().revision);
    },
    onSuccess: (version) => {
      keeper.state.setState({ changes: 0 });
      notifications.show({ message: t('publish.done', { version: version.number }), color: 'teal' });
      void client.invalidateQueries({ queryKey: ['definitions'], predicate: (query) => query.queryKey[1] !== 'draft' });
      onDone();
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      if (error.status === 412) keeper.conflict();
      if (error.issues.length === 0) return;
      keeper.found(error.issues, doc);
      context.ui.setState({ dialog: undefined, dock: true });
      notifications.show({ message: t('publish.refused'), color: 'red' });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        run.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {latest === 0 ? t('publish.first') : t('publish.next', { version: latest + 1 })}
        </Text>
        {errors > 0 && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} p="sm">
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm">{t('publish.errors', { count: errors })}</Text>
              <Button
                variant="subtle"
                color="red"
                onClick={() => {
                  context.ui.setState({ dialog: undefined, dock: true });
                }}
              >
                {t('publish.show')}
              </Button>
            </Group>
          </Alert>
        )}
        {errors === 0 && problems.length > 0 && (
          <Alert color="yellow" icon={<IconInfoCircle size={18} />} p="sm">
            <Text size="sm">{t('publish.warnings', { count: problems.length })}</Text>
          </Alert>
        )}
        {latest > 0 && <PublishedDifference />}
        <Textarea
          data-autofocus
          label={t('publish.note')}
          placeholder={t('publish.note_placeholder')}
          autosize
          minRows={3}
          maxRows={8}
          maxLength={2000}
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
        {run.error !== null && (
          <Text size="sm" c="var(--tk-bad)" role="alert">
            {fault(run.error)}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" loading={run.isPending} disabled={errors > 0}>
            {t('header.publish')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
