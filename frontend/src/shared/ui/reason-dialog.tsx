import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import { type ReactNode, type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultLines } from '@/shared/api/fault-text';

interface ReasonDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, in a sentence. */
  explanation: ReactNode;
  confirm: string;
  danger?: boolean;
  /** Between the explanation and the reason: what the operation takes. */
  children?: ReactNode;
  /** Off while what it takes is not complete. */
  ready?: boolean;
  size?: string | number;
  onConfirm: (reason: string) => Promise<unknown>;
}

/** Every operation on a process says what it will do and asks why; the answer goes into the audit. */
export function ReasonDialog(props: ReasonDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} size={props.size ?? 480} keepMounted={false}>
      <ReasonForm {...props} />
    </Modal>
  );
}

function ReasonForm({ explanation, confirm, danger, children, ready = true, onConfirm, onClose }: ReasonDialogProps) {
  const { t } = useTranslation('common');
  const lines = useFaultLines();
  const [reason, setReason] = useState('');
  const [complaint, setComplaint] = useState<string>();
  const [refusal, setRefusal] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    // The form of a dialog is inside the page's; what it submits is its own.
    event.stopPropagation();
    if (!reason.trim()) {
      setComplaint(t('reason.required'));
      return;
    }
    setBusy(true);
    setRefusal(undefined);
    try {
      await onConfirm(reason.trim());
      onClose();
    } catch (error) {
      setRefusal(lines(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {explanation}
        </Text>
        {children}
        <Textarea
          label={t('reason.label')}
          placeholder={t('reason.placeholder')}
          value={reason}
          error={complaint}
          required
          autosize
          minRows={2}
          maxRows={6}
          maxLength={1000}
          data-autofocus={children ? undefined : true}
          onChange={(event) => {
            setReason(event.currentTarget.value);
            setComplaint(undefined);
          }}
        />
        {refusal && (
          <Text size="sm" c="red" role="alert" style={{ whiteSpace: 'pre-line' }}>
            {refusal}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" color={danger ? 'red' : undefined} loading={busy} disabled={!ready}>
            {confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
