// Running the draft as a test: its input, and which steps only pretend.

import { Alert, Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconFlask, IconPinFilled } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ApiError } from '@/shared/api/problem';
import type { JsonObject, Process } from '@/shared/api/types';
import { startOf } from '@/shared/graph/query';
import { processQuery } from '@/shared/run/run-api';
import { asSchema, initialValue, type Schema } from '@/shared/schema-form/schema';
import { issuesBelow, validate, type FieldIssue } from '@/shared/schema-form/validate';
import { ValueEditor } from '@/shared/schema-form/value-editor';
import { useMay } from '@/shared/session/me';
import { LoadingRows } from '@/shared/ui/faces';

import { NodeTile } from '../components/item-tile';
import { useCatalog, useDocument, useProblems, useSession, useUi } from '../hooks/designer-context';
import { lastProcessQuery, lastTestKey, runTest, usePins } from './trial-api';
import { useTrial } from './trial-context';
import classes from './trial.module.css';

export function TestDialog() {
  const { t } = useTranslation('trial');
  const { context, definition } = useSession();
  const opened = useUi((state) => state.dialog === 'test');
  const last = useQuery({ ...lastProcessQuery(definition), enabled: opened });
  const before = useQuery({ ...processQuery(last.data?.id ?? ''), enabled: opened && last.data != null });
  const close = (): void => {
    context.ui.setState({ dialog: undefined });
  };
  const ready = last.isFetched && (last.data == null || before.isFetched);
  return (
    <Modal opened={opened} onClose={close} title={t('dialog.title')} size={620} keepMounted={false}>
      {ready ? <TestForm before={before.data} onDone={close} /> : <LoadingRows rows={4} />}
    </Modal>
  );
}

/** The input of an earlier process, if the draft still takes it. */
function usable(before: Process | undefined, schema: Schema): JsonObject | undefined {
  const input = before?.input as JsonObject | undefined;
  return input !== undefined && validate(schema, input).length === 0 ? input : undefined;
}

function TestForm({ before, onDone }: { before: Process | undefined; onDone: () => void }) {
  const { t } = useTranslation('trial');
  const { context, definition, keeper } = useSession();
  const { store } = useTrial();
  const client = useQueryClient();
  const doc = useDocument();
  const errors = useProblems().filter((problem) => problem.severity === 'error').length;
  const schema = asSchema(startOf(doc)?.start?.input_schema);
  const [input, setInput] = useState<JsonObject>(() => usable(before, schema) ?? asSchema(initialValue(schema, schema)));
  const [readable, setReadable] = useState(true);
  const [issues, setIssues] = useState<readonly FieldIssue[]>([]);
  const [real, setReal] = useState<readonly string[]>([]);
  const run = useMutation({
    mutationFn: async () => {
      if (!(await keeper.flush())) throw new Error(t('dialog.not_saved'));
      return runTest(definition, { revision: keeper.state.getState().revision, input, ...(real.length === 0 ? {} : { real: [...real] }), ...(before === undefined ? {} : { files: before.id }) });
    },
    onSuccess: (test) => {
      store.setState({ shown: test.id });
      void client.invalidateQueries({ queryKey: lastTestKey(definition) });
      void client.invalidateQueries({ queryKey: ['designer', 'last-run', definition] });
      void client.invalidateQueries({ queryKey: lastProcessQuery(definition).queryKey });
      onDone();
    },
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      if (error.status === 412) keeper.conflict();
      setIssues(issuesBelow(error.issues, '/input'));
      if (error.code !== 'test.invalid') return;
      keeper.found(error.issues, doc);
      context.ui.setState({ dialog: undefined, dock: true });
      notifications.show({ message: t('dialog.refused'), color: 'red' });
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const found = validate(schema, input);
        setIssues(found);
        if (found.length === 0) run.mutate();
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {t('dialog.hint')}
        </Text>
        {errors > 0 && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} p="sm">
            <Text size="sm">{t('dialog.errors', { count: errors })}</Text>
          </Alert>
        )}
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
        <Pretenders real={real} onReal={setReal} />
        {run.error !== null && (
          <Text size="sm" c="var(--tk-bad)" role="alert">
            {run.error.message}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onDone}>
            {t('common:action.cancel')}
          </Button>
          <Button type="submit" leftSection={<IconFlask size={15} />} loading={run.isPending} disabled={errors > 0 || !readable}>
            {t('dialog.run')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The steps that would change the world, and those that are pinned: each may be told to do what it does. */
function Pretenders({ real, onReal }: { real: readonly string[]; onReal: (real: readonly string[]) => void }) {
  const { t } = useTranslation('trial');
  const { definition } = useSession();
  const { types } = useCatalog();
  const may = useMay();
  const doc = useDocument();
  const pins = usePins(definition);
  const steps = doc.nodes.filter((node) => pins[node.id] !== undefined || types[node.service?.type ?? '']?.side_effects === true);
  if (steps.length === 0) return null;
  return (
    <section className={classes.pretenders} aria-label={t('mock.title')}>
      <h3>{t('mock.title')}</h3>
      <p>{t('mock.hint')}</p>
      <ul>
        {steps.map((node) => (
          <li key={node.id}>
            <NodeTile node={node} type={types[node.service?.type ?? '']} size={22} />
            <span className={classes.name}>{node.title === '' ? node.id : node.title}</span>
            {pins[node.id] !== undefined && <IconPinFilled size={13} className={classes.pin} aria-label={t('pin.pinned')} />}
            <SegmentedControl
              size="xs"
              aria-label={node.title}
              disabled={!may('process.start')}
              value={real.includes(node.id) ? 'real' : 'mock'}
              data={[
                { value: 'mock', label: pins[node.id] === undefined ? t('mock.sample') : t('mock.pinned') },
                { value: 'real', label: t('mock.real') },
              ]}
              onChange={(value) => {
                onReal(value === 'real' ? [...real, node.id] : real.filter((id) => id !== node.id));
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
