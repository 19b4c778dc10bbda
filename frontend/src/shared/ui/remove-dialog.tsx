import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFaultText } from '@/shared/api/fault-text';

interface RemoveDialogProps {
  title: string;
  /** What goes with it, or what stays. */
  text: ReactNode;
  /** On the button; "Delete" when it is not given. */
  confirm?: string;
  remove: () => Promise<unknown>;
  /** After it is gone; the dialog closes by itself. */
  onRemoved: () => unknown;
  onClose: () => void;
}

/** Asks before something is removed for good; a refusal is told in the dialog. */
export function RemoveDialog({ title, text, confirm, remove, onRemoved, onClose }: RemoveDialogProps) {
  const { t } = useTranslation('common');
  const fault = useFaultText();
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      await onRemoved();
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={title} size={480}>
      <Stack>
        <Text size="sm" component="div">
          {text}
        </Text>
        {removal.error && (
          <Text size="sm" c="red" role="alert">
            {fault(removal.error)}
          </Text>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('action.cancel')}
          </Button>
          <Button
            color="red"
            loading={removal.isPending}
            onClick={() => {
              removal.mutate();
            }}
          >
            {confirm ?? t('action.delete')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
