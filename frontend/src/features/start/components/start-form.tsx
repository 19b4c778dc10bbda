import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { type SyntheticEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import { ApiError } from '@/shared/api/problem';
import type { DefinitionSummary, JsonObject, VersionDetail } from '@/shared/api/types';
import { startOf } from '@/shared/graph/query';
import { asSchema, initialValue } from '@/shared/schema-form/schema';
import { ValueEditor } from '@/shared/schema-form/value-editor';
import { issuesBelow, validate, type FieldIssue } from '@/shared/schema-form/validate';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';

import { makeStarter } from '../api/start-api';

interface StartFormProps {
  definition: DefinitionSummary;
  version: VersionDetail;
}

const defaultPriority = 3;

export function StartForm({ definition, version }: StartFormProps) {
  const { t, i18n } = useTranslation('start');
  const fault = useFaultText();
  const navigate = useNavigate();
  const schema = asSchema(startOf(version.document)?.start?.input_schema);
  const [customId, setCustomId] = useState('');
  const [priority, setPriority] = useState(defaultPriority);
  const [startAt, setStartAt] = useState<string | null>(null);
  const [input, setInput] = useState<JsonObject>(() => asSchema(initialValue(schema, schema)));
  const [readable, setReadable] = useState(true);
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);
  const [idComplaint, setIdComplaint] = useState<string>();
  const [start] = useState(makeStarter);

  const starting = useMutation({
    mutationFn: start,
    onSuccess: async ({ id, existing }) => {
      notifications.show({ message: t(existing ? 'existing' : 'started'), color: 'teal' });
      await navigate({ to: '/processes/$processId', params: { processId: id } });
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      setIssues(issuesBelow(error.issues, '/input'));
      setIdComplaint(error.issues.find((issue) => issue.path === '/custom_id')?.message);
    },
  });

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    const found = validate(schema, input);
    const id = customId.trim();
    setIssues(found);
    setIdComplaint(id === '' ? t('custom_id_required') : undefined);
    if (found.length > 0 || id === '') return;
    starting.mutate({
      definition: definition.key,
      custom_id: id,
      input,
      ...(priority === defaultPriority ? {} : { priority }),
      ...(startAt === null ? {} : { start_at: dayjs(startAt).toISOString() }),
    });
  };

  const broken = issues.length + (idComplaint === undefined ? 0 : 1);
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <Card
          title={
            <Group gap="xs">
              <Text fw={600}>{definition.title}</Text>
              <Pill>v{version.number}</Pill>
            </Group>
          }
        >
          <Stack gap="md">
            <TextInput
              label="customId"
              description={t('custom_id_hint')}
              withAsterisk
              autoFocus
              value={customId}
              error={idComplaint}
              maxLength={200}
              onChange={(event) => {
                setCustomId(event.currentTarget.value);
                setIdComplaint(undefined);
              }}
            />
            <Group grow align="flex-start">
              <Select
                label={t('priority')}
                allowDeselect={false}
                value={String(priority)}
                data={[1, 2, 3, 4, 5].map((level) => ({ value: String(level), label: t(`priority_${level}`) }))}
                onChange={(value) => {
                  setPriority(Number(value));
                }}
              />
              <DateTimePicker
                label={t('start_at')}
                placeholder={t('at_once')}
                clearable
                locale={i18n.language}
                minDate={new Date()}
                valueFormat={i18n.language === 'ru' ? 'DD.MM.YYYY HH:mm' : 'D MMM YYYY, HH:mm'}
                value={startAt}
                onChange={setStartAt}
              />
            </Group>
          </Stack>
        </Card>
        <Card title={t('input')}>
          <ValueEditor
            schema={schema}
            value={input}
            issues={issues}
            onReadable={setReadable}
            onChange={(next) => {
              setInput(next);
              setIssues([]);
            }}
          />
        </Card>
        {starting.error && (
          <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} role="alert">
            {fault(starting.error)}
          </Alert>
        )}
        <Group justify="flex-end" gap="sm">
          {broken > 0 && (
            <Text size="sm" c="red" role="status">
              {t('to_correct', { count: broken })}
            </Text>
          )}
          <Button type="submit" size="sm" loading={starting.isPending} disabled={!readable} leftSection={<IconPlayerPlay size={16} />}>
            {t(startAt === null ? 'start' : 'schedule')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
