import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import type { Schedule } from '@/shared/api/types';

import { schedules } from '../api/schedules-api';

interface RemoveDialogProps {
  schedule: Schedule;
  onClose: () => void;
  onRemoved: () => void;
}

export function RemoveDialog({ schedule, onClose, onRemoved }: RemoveDialogProps) {
  const { t } = useTranslation('schedules');
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => schedules.remove(schedule.id),
    onSuccess: async () => {
      client.removeQueries({ queryKey: ['schedules', 'one', schedule.id] });
      await client.invalidateQueries({ queryKey: ['schedules', 'list'] });
      onClose();
      onRemoved();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('remove_title', { name: schedule.name })}>
      <Stack>
        <Text size="sm">{t('remove_text')}</Text>
        {remove.error && (
          <Text size="sm" c="red" role="alert">
            {remove.error.message}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('common:action.cancel')}
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => {
              remove.mutate();
            }}
          >
            {t('common:action.delete')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
