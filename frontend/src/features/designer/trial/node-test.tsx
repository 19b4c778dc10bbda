// What a step took and gave in the run that the canvas shows; what is pinned for it; trying it alone.

import { Button, Group, Stack, Text } from '@mantine/core';
import { IconFlask, IconPin, IconPinnedOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { JsonObject } from '@/shared/api/types';
import { upstream } from '@/shared/graph/query';
import type { GraphNode } from '@/shared/graph/types';
import { isTask } from '@/shared/graph/kinds';
import { taskOfNode } from '@/shared/run/live-process';
import { fetchTask, liveQuery, taskQuery } from '@/shared/run/run-api';
import { JsonView } from '@/shared/ui/json-view';
import { StatusBadge } from '@/shared/ui/status';

import { JsonInput } from '../fields/json-input';
import { useDocument, useProblems, useSession } from '../hooks/designer-context';
import { lastTestKey, lastTestQuery, pin, pinsQuery, runTest, unpin, usePins, type Mock } from './trial-api';
import { useShownRun, useTrial } from './trial-context';
import classes from './trial.module.css';

/** The run that a step's data comes from: the one on the canvas, else the last test. */
function useRunId(): string | undefined {
  const { definition } = useSession();
  const shown = useShownRun();
  const last = useQuery(lastTestQuery(definition));
  return shown ?? last.data?.id;
}

export function NodeTest({ node }: { node: GraphNode }) {
  const run = useRunId();
  return (
    <Stack gap="lg">
      {run === undefined ? <NoRun /> : <LastRun node={node} run={run} />}
      <Pinned node={node} />
      {isTask(node.kind) && <Alone node={node} run={run} />}
    </Stack>
  );
}

function NoRun() {
  const { t } = useTranslation('trial');
  const { context } = useSession();
  return (
    <div className={classes.empty}>
      <IconFlask size={26} stroke={1.5} aria-hidden />
      <p>{t('step.no_run')}</p>
      <Button
        size="xs"
        variant="light"
        onClick={() => {
          context.ui.setState({ dialog: 'test' });
        }}
      >
        {t('dialog.run')}
      </Button>
    </div>
  );
}

function LastRun({ node, run }: { node: GraphNode; run: string }) {
  const { t } = useTranslation('trial');
  const { definition } = useSession();
  const live = useQuery(liveQuery(run)).data;
  const task = live === undefined ? undefined : taskOfNode(live.tasks, node.id);
  const detail = useQuery({ ...taskQuery(run, task?.id ?? ''), enabled: task !== undefined });
  const change = usePinning(definition);
  const output = detail.data?.output as JsonObject | undefined;
  if (task === undefined) return <Text size="sm" c="dimmed">{t('step.not_reached')}</Text>;
  return (
    <section className={classes.part}>
      <header>
        <h4>{t('step.last')}</h4>
        <StatusBadge state={task.state} />
      </header>
      {task.error !== undefined && <p className={classes.error}>{`${task.error.code}: ${task.error.message}`}</p>}
      <h5>{t('step.input')}</h5>
      <JsonView value={detail.data?.input} processId={run} maxHeight={180} />
      <h5>{t('step.output')}</h5>
      <JsonView value={output} processId={run} maxHeight={180} />
      {output !== undefined && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPin size={14} />}
          loading={change.isPending}
          onClick={() => {
            change.mutate({ node: node.id, mock: { output } });
          }}
        >
          {t('pin.this')}
        </Button>
      )}
    </section>
  );
}

function usePinning(definition: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ node, mock }: { node: string; mock: Mock | undefined }) => (mock === undefined ? unpin(definition, node) : pin(definition, node, mock)),
    onSuccess: () => client.invalidateQueries({ queryKey: pinsQuery(definition).queryKey }),
  });
}

function Pinned({ node }: { node: GraphNode }) {
  const { t } = useTranslation('trial');
  const { definition, context } = useSession();
  const pinned = usePins(definition)[node.id];
  const change = usePinning(definition);
  const mock = pinned?.mock;
  const value = mock?.output ?? mock?.answer;
  return (
    <section className={classes.part}>
      <header>
        <h4>{t('pin.title')}</h4>
        {pinned !== undefined && !context.readOnly && (
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconPinnedOff size={13} />}
            onClick={() => {
              change.mutate({ node: node.id, mock: undefined });
            }}
          >
            {t('pin.remove')}
          </Button>
        )}
      </header>
      <p className={classes.hint}>{pinned === undefined ? t('pin.hint') : t('pin.by', { name: pinned.pinned_by })}</p>
      <JsonInput
        key={pinned?.pinned_at}
        value={value}
        label={t('pin.title')}
        invalid={change.error !== null}
        onChange={(next) => {
          if (next !== undefined && next !== null && typeof next === 'object' && !Array.isArray(next)) change.mutate({ node: node.id, mock: { output: next } });
        }}
        onBlur={() => undefined}
      />
      {change.error !== null && <p className={classes.error}>{change.error.message}</p>}
    </section>
  );
}

/** Runs one step on what the last run gave it, the pins first. */
function Alone({ node, run }: { node: GraphNode; run: string | undefined }) {
  const { t } = useTranslation('trial');
  const { definition, keeper } = useSession();
  const { store } = useTrial();
  const client = useQueryClient();
  const doc = useDocument();
  const pins = usePins(definition);
  const broken = useProblems().some((problem) => problem.node === node.id && problem.severity === 'error');
  const live = useQuery({ ...liveQuery(run ?? ''), enabled: run !== undefined }).data;
  const [typed, setTyped] = useState<JsonObject>();
  const input = typed ?? (live?.process.input as JsonObject | undefined) ?? {};
  const trying = useMutation({
    mutationFn: async () => {
      if (!(await keeper.flush())) throw new Error(t('dialog.not_saved'));
      const outputs: Record<string, JsonObject> = {};
      for (const id of upstream(doc, node.id)) {
        const task = live === undefined ? undefined : taskOfNode(live.tasks, id);
        if (task?.state === 'completed' && run !== undefined) {
          const { output } = await fetchTask(run, task.id);
          if (output != null && typeof output === 'object') outputs[id] = output as JsonObject;
        }
        const pinned = pins[id]?.mock.output;
        if (pinned !== undefined) outputs[id] = pinned;
      }
      return runTest(definition, {
        revision: keeper.state.getState().revision, input, step: { node: node.id, outputs }, ...(run === undefined ? {} : { files: run }),
      });
    },
    onSuccess: (test) => {
      store.setState({ shown: test.id });
      void client.invalidateQueries({ queryKey: lastTestKey(definition) });
    },
  });
  return (
    <section className={classes.part}>
      <header>
        <h4>{t('alone.title')}</h4>
      </header>
      <p className={classes.hint}>{t('alone.hint')}</p>
      <JsonInput
        value={input}
        label={t('alone.input')}
        invalid={trying.error !== null}
        onChange={(next) => {
          if (next !== undefined && next !== null && typeof next === 'object' && !Array.isArray(next)) setTyped(next);
        }}
        onBlur={() => undefined}
      />
      {trying.error !== null && <p className={classes.error}>{trying.error.message}</p>}
      <Group mt="xs">
        <Button
          size="xs"
          leftSection={<IconFlask size={14} />}
          disabled={broken}
          loading={trying.isPending}
          onClick={() => {
            trying.mutate();
          }}
        >
          {t('alone.run')}
        </Button>
      </Group>
    </section>
  );
}
