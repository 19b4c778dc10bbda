// A file is looked at first: what was read, what became of the rest, what the server says. Only then it replaces the draft, as one
// step that can be undone, or opens as a new one.

import { Alert, Button, FileButton, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQuery } from '@tanstack/react-query';
import { IconAlertTriangle, IconCircleCheck, IconFileImport, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import type { Choice, Readable } from '@/shared/bpmn/report';
import { useMay } from '@/shared/session/me';
import { LoadingRows } from '@/shared/ui/faces';

import { useSession, useUi } from '../hooks/designer-context';
import { failureText } from './failure-text';
import classes from './import-dialog.module.css';
import { readIncoming, RefusedDocument, type Incoming } from './incoming';
import { ReportTable } from './report-table';
import { useOpenNew } from './use-open-new';

const ACCEPTED = '.bpmn,.bpmn2,.bpmn20.xml,.xml,.json,application/xml,text/xml,application/json';

export function ImportDialog() {
  const { t } = useTranslation('interchange');
  const { context } = useSession();
  const opened = useUi((state) => state.dialog === 'import');
  const close = (): void => {
    context.ui.setState({ dialog: undefined, incoming: undefined });
  };
  return (
    <Modal opened={opened} onClose={close} title={t('title')} size={860} keepMounted={false} data-testid="import-dialog">
      <Import onDone={close} />
    </Modal>
  );
}

function Import({ onDone }: { onDone: () => void }) {
  const { definition, context } = useSession();
  const dropped = useUi((state) => state.incoming);
  const file = dropped;
  const [choice, setChoice] = useState<Choice>();
  const [turn, setTurn] = useState(0);
  const pick = (next: File | null): void => {
    if (next === null) return;
    setChoice(undefined);
    setTurn(turn + 1);
    context.ui.setState({ incoming: next });
  };
  const read = useQuery({
    queryKey: ['interchange', definition, file?.name, file?.size, file?.lastModified, turn, choice],
    queryFn: () => (file === undefined ? Promise.reject(new Error('no file')) : readIncoming(definition, file, choice)),
    enabled: file !== undefined,
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (file === undefined) return <Choose onPick={pick} />;
  return (
    <Stack gap="md">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} className={classes.file} title={file.name}>
          {file.name}
        </Text>
        <PickButton onPick={pick} again />
      </Group>
      {read.isPending && <Reading file={file.name} />}
      {read.isError && <Failure error={read.error} />}
      {read.data !== undefined && <Report incoming={read.data} file={file.name} onChoose={setChoice} onDone={onDone} />}
    </Stack>
  );
}

function PickButton({ onPick, again = false }: { onPick: (file: File | null) => void; again?: boolean }) {
  const { t } = useTranslation('interchange');
  return (
    <FileButton onChange={onPick} accept={ACCEPTED} inputProps={{ 'aria-label': t('choose') }}>
      {(props) => (
        <Button {...props} data-autofocus={!again} variant={again ? 'default' : 'filled'} leftSection={again ? undefined : <IconFileImport size={16} />}>
          {t(again ? 'other_file' : 'choose')}
        </Button>
      )}
    </FileButton>
  );
}

function Choose({ onPick }: { onPick: (file: File | null) => void }) {
  const { t } = useTranslation('interchange');
  const [over, setOver] = useState(false);
  return (
    // A place to drop on, beside the button that does the same by the keyboard.
    <div
      className={classes.drop}
      data-over={over ? 'true' : undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        onPick(event.dataTransfer.files[0] ?? null);
      }}
    >
      <PickButton onPick={onPick} />
      <Text size="sm">{t('drop')}</Text>
      <Text size="sm" c="dimmed">
        {t('nothing_yet')}
      </Text>
    </div>
  );
}

function Reading({ file }: { file: string }) {
  const { t } = useTranslation('interchange');
  return (
    <div role="status" aria-label={t('reading', { file })}>
      <LoadingRows rows={4} />
    </div>
  );
}

function Failure({ error }: { error: Error }) {
  const { t } = useTranslation(['interchange', 'problems']);
  if (!(error instanceof RefusedDocument)) {
    return (
      <Alert color="red" icon={<IconAlertTriangle size={18} />} data-testid="import-failure">
        {failureText(error)}
      </Alert>
    );
  }
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('refused')} data-testid="import-failure">
      <ul className={classes.issues}>
        {error.issues.map((issue, index) => (
          <li key={`${issue.code} ${issue.path ?? ''} ${index}`}>
            {t(`problems:${issue.code}`, { ...issue.params, message: issue.message, defaultValue: issue.message })} {issue.path !== undefined && issue.path !== '' && <code>{issue.path}</code>}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

interface ReportProps {
  incoming: Incoming;
  file: string;
  onChoose: (choice: Choice) => void;
  onDone: () => void;
}

function Report({ incoming, file, onChoose, onDone }: ReportProps) {
  const { t } = useTranslation('interchange');
  const { context } = useSession();
  const may = useMay();
  const fault = useFaultText();
  const openNew = useOpenNew(file);
  const { bpmn, digits = [], document } = incoming;
  const replace = (): void => {
    context.store.getState().edit({ label: { key: 'step.import', params: { title: file } }, doc: document, selection: { nodes: [], edges: [] } });
    // The level that was shown is of the document before.
    context.ui.setState((state) => ({ view: { ...state.view, level: undefined } }));
    notifications.show({ message: t('replaced', { file }), color: 'teal' });
    onDone();
    requestAnimationFrame(() => context.canvas()?.fit());
  };
  return (
    <Stack gap="md" data-testid="import-report">
      {bpmn !== undefined && <Choices readables={bpmn.readables} choice={bpmn.choice} onChoose={onChoose} />}
      {bpmn?.exact === true && <Remark tone="teal">{t('exact')}</Remark>}
      {bpmn?.laidOut === true && <Remark>{t('laid_out')}</Remark>}
      {bpmn === undefined && <Remark>{t('json_counts', { nodes: document.nodes.length, edges: document.edges.length, notes: document.notes?.length ?? 0 })}</Remark>}
      {digits.length > 0 && <Remark tone="yellow">{t('json_digits', { count: digits.length, examples: digits.slice(0, 3).join(', ') })}</Remark>}
      <Verdict incoming={incoming} />
      {bpmn !== undefined && <ReportTable lines={bpmn.lines} />}
      {openNew.error !== null && (
        <Text size="sm" c="var(--tk-bad)" role="alert">
          {fault(openNew.error)}
        </Text>
      )}
      <Group justify="flex-end" gap="xs">
        {context.readOnly && (
          <Text size="xs" c="dimmed" mr="auto">
            {t('read_only')}
          </Text>
        )}
        <Button
          variant={context.readOnly ? 'filled' : 'default'}
          loading={openNew.isPending}
          disabled={!may('definition.edit')}
          data-testid="import-new"
          onClick={() => {
            openNew.mutate({ title: incoming.title, document }, { onSuccess: onDone });
          }}
        >
          {t('open_new')}
        </Button>
        {!context.readOnly && (
          <Button data-testid="import-replace" disabled={openNew.isPending} onClick={replace}>
            {t('replace')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function Remark({ tone = 'gray', children }: { tone?: 'gray' | 'teal' | 'yellow'; children: string }) {
  const Icon = tone === 'teal' ? IconCircleCheck : tone === 'yellow' ? IconAlertTriangle : IconInfoCircle;
  return (
    <Alert color={tone} p="xs" icon={<Icon size={18} />}>
      {children}
    </Alert>
  );
}

/** What the server's own rules say, before anything is kept. */
function Verdict({ incoming }: { incoming: Incoming }) {
  const { t } = useTranslation('interchange');
  const errors = incoming.issues.filter((issue) => issue.severity !== 'warning').length;
  const warnings = incoming.issues.length - errors;
  const text = errors > 0 ? t('verdict_errors', { count: errors }) : warnings > 0 ? t('verdict_warnings', { count: warnings }) : t('verdict_clean');
  return <Remark tone={errors > 0 ? 'yellow' : 'gray'}>{text}</Remark>;
}

interface ChoicesProps {
  readables: readonly Readable[];
  choice: Choice;
  onChoose: (choice: Choice) => void;
}

function Choices({ readables, choice, onChoose }: ChoicesProps) {
  const { t } = useTranslation('interchange');
  const chosen = readables.find((each) => each.process === choice.process);
  const nameOf = (readable: Readable): string => readable.name || readable.id || t('unnamed');
  if (readables.length < 2 && (chosen?.diagrams.length ?? 0) < 2) return null;
  return (
    <Group gap="md" grow>
      {readables.length > 1 && (
        <Select
          label={t('which_process')}
          allowDeselect={false}
          data={readables.map((each) => ({ value: String(each.process), label: t('process_option', { name: nameOf(each), count: each.steps }) }))}
          value={String(choice.process)}
          onChange={(value) => {
            const next = readables.find((each) => String(each.process) === value);
            if (next !== undefined) onChoose({ process: next.process, diagram: next.diagrams[0]?.index });
          }}
        />
      )}
      {chosen !== undefined && chosen.diagrams.length > 1 && (
        <Select
          label={t('which_diagram')}
          allowDeselect={false}
          data={chosen.diagrams.map((each) => ({ value: String(each.index), label: each.name === '' ? t('diagram_option', { number: each.index + 1 }) : each.name }))}
          value={String(choice.diagram ?? chosen.diagrams[0]?.index)}
          onChange={(value) => {
            onChoose({ process: chosen.process, diagram: Number(value) });
          }}
        />
      )}
    </Group>
  );
}
