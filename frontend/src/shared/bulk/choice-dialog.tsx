import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionQuery, readVersion, versionsQuery } from '@/shared/api/definitions';
import { useFaultText } from '@/shared/api/fault-text';
import type { BulkOptions, JsonObject } from '@/shared/api/types';
import { ValueEditor } from '@/shared/schema-form/value-editor';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';

/** The operations that have to be told something before their dry run. */
export type ChosenOperation = 'restart_from' | 'migrate' | 'message' | 'fire';

interface ChoiceDialogProps {
  operation: ChosenOperation;
  /** What the steps and the versions are of; a message needs none. */
  definition: string | undefined;
  version: number | undefined;
  onClose: () => void;
  /** Prepares the job. */
  onChoose: (options: BulkOptions) => Promise<unknown>;
}

/** What an operation on many processes needs to know: a step, a version, a message. */
export function ChoiceDialog({ operation, definition, version, onClose, onChoose }: ChoiceDialogProps) {
  const { t } = useTranslation('bulk');
  const fault = useFaultText();
  const [options, setOptions] = useState<BulkOptions>();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (options === undefined) return;
    setBusy(true);
    setRefusal(undefined);
    try {
      await onChoose(options);
      onClose();
    } catch (error) {
      setRefusal(fault(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t(`operation.${operation}`)} size={560}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t(`choice.${operation}`)}
          </Text>
          {operation === 'message' ? (
            <MessageChoice onChange={setOptions} />
          ) : definition === undefined ? null : operation === 'migrate' ? (
            <VersionChoice definition={definition} onChange={setOptions} />
          ) : (
            <StepChoice operation={operation} definition={definition} version={version} onChange={setOptions} />
          )}
          {refusal !== undefined && (
            <Text size="sm" c="red" role="alert">
              {refusal}
            </Text>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('common:action.cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={options === undefined}>
              {t('choice.look')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface Choosing {
  onChange: (options: BulkOptions | undefined) => void;
}

function VersionChoice({ definition, onChange }: Choosing & { definition: string }) {
  const { t } = useTranslation('bulk');
  const versions = useQuery(versionsQuery(definition));
  if (versions.error) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  if (versions.data === undefined) return <LoadingRows rows={1} height={36} />;
  return (
    <Select
      label={t('choice.version')}
      data={versions.data.map((each) => ({ value: String(each.number), label: each.note ? `v${each.number} · ${each.note}` : `v${each.number}` }))}
      allowDeselect={false}
      data-autofocus
      onChange={(value) => { onChange(value === null ? undefined : { version: Number(value) }); }}
    />
  );
}

function StepChoice({ operation, definition, version, onChange }: Choosing & { operation: ChosenOperation; definition: string; version: number | undefined }) {
  const { t } = useTranslation('bulk');
  const found = useQuery(definitionQuery(definition));
  const number = version ?? found.data?.latest ?? 0;
  const graph = useQuery({ queryKey: ['definitions', 'version', definition, number], queryFn: () => readVersion(definition, number), enabled: number > 0 });
  const error = found.error ?? graph.error;
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([found.refetch(), graph.refetch()])} />;
  if (graph.data === undefined) return <LoadingRows rows={1} height={36} />;
  const steps = graph.data.document.nodes.filter((node) =>
    operation === 'restart_from'
      ? node.kind !== 'boundary_event'
      : node.kind === 'timer_event' || node.boundary?.timer !== undefined || node.user?.escalate !== undefined,
  );
  return (
    <Select
      label={t('choice.step')}
      description={t('choice.step_hint', { version: number })}
      nothingFoundMessage={t('choice.no_step')}
      data={steps.map((node) => ({ value: node.id, label: node.title === '' ? node.id : `${node.title} (${node.id})` }))}
      searchable
      allowDeselect={false}
      data-autofocus
      onChange={(value) => { onChange(value === null ? undefined : { node: value }); }}
    />
  );
}

function MessageChoice({ onChange }: Choosing) {
  const { t } = useTranslation('bulk');
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [payload, setPayload] = useState<JsonObject>({});
  const [readable, setReadable] = useState(true);
  const tell = (next: { name: string; key: string; payload: JsonObject; readable: boolean }) => {
    const message = { name: next.name.trim(), payload: next.payload, ...(next.key === '' ? {} : { key: next.key }) };
    onChange(message.name === '' || !next.readable ? undefined : { message });
  };
  return (
    <>
      <TextInput
        label={t('choice.message_label')}
        value={name}
        required
        maxLength={200}
        data-autofocus
        onChange={(event) => {
          setName(event.currentTarget.value);
          tell({ name: event.currentTarget.value, key, payload, readable });
        }}
      />
      <TextInput
        label={t('choice.key')}
        description={t('choice.key_hint')}
        value={key}
        maxLength={500}
        onChange={(event) => {
          setKey(event.currentTarget.value);
          tell({ name, key: event.currentTarget.value, payload, readable });
        }}
      />
      <Text size="sm" fw={500} mb={-12}>
        {t('choice.payload')}
      </Text>
      <ValueEditor
        schema={{}}
        value={payload}
        issues={[]}
        onChange={(value) => {
          setPayload(value);
          setReadable(true);
          tell({ name, key, payload: value, readable: true });
        }}
        onReadable={(next) => {
          setReadable(next);
          if (!next) tell({ name, key, payload, readable: false });
        }}
      />
    </>
  );
}
