import { Button, Group, JsonInput, Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { api, take } from '@/shared/api/client';
import type { IncidentGroup, JsonObject } from '@/shared/api/types';
import { JsonView } from '@/shared/ui/json-view';

import { merged, objectIn } from '../model/merge-patch';

interface EditDialogProps {
  group: IncidentGroup;
  opened: boolean;
  onClose: () => void;
  onPrepare: (patch: JsonObject) => Promise<unknown>;
}

/** One change of the inputs of a whole group, shown on the input of its newest incident. */
export function EditDialog(props: EditDialogProps) {
  const { t } = useTranslation('incidents');
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={t('edit_and_retry')} size={760} keepMounted={false}>
      <EditForm {...props} />
    </Modal>
  );
}

function EditForm({ group, onClose, onPrepare }: EditDialogProps) {
  const { t } = useTranslation('incidents');
  const [text, setText] = useState('{\n  \n}');
  const [busy, setBusy] = useState(false);
  const newest = group.samples[0];
  const sample = useQuery({
    queryKey: ['incidents', 'sample', newest?.task_id],
    enabled: newest !== undefined,
    queryFn: ({ signal }) =>
      take(api.GET('/processes/{id}/tasks/{task_id}', { params: { path: { id: newest?.process_id ?? '', task_id: newest?.task_id ?? '' } }, signal })),
  });
  const patch = objectIn(text);
  const input = sample.data?.input;
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {t('edit.text', { count: group.count })}
      </Text>
      <JsonInput
        label={t('edit.patch')}
        description={t('edit.hint')}
        value={text}
        onChange={setText}
        error={patch === undefined ? t('edit.no_object') : undefined}
        autosize
        minRows={3}
        maxRows={12}
        data-autofocus
      />
      {input !== undefined && (
        <Stack gap={4}>
          <Text size="sm" fw={500}>
            {t('edit.result', { id: newest?.custom_id })}
          </Text>
          <JsonView value={patch === undefined ? input : merged(input, patch)} />
        </Stack>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          {t('common:action.cancel')}
        </Button>
        <Button
          loading={busy}
          disabled={patch === undefined || Object.keys(patch).length === 0}
          onClick={() => {
            if (patch === undefined) return;
            setBusy(true);
            void onPrepare(patch).finally(() => { setBusy(false); });
          }}
        >
          {t('edit.prepare')}
        </Button>
      </Group>
    </Stack>
  );
}
