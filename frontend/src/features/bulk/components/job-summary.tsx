import { Button, Group, JsonInput, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { BulkJob } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import { JsonView } from '@/shared/ui/json-view';
import { Duration, Moment } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { bulk } from '../api/bulk-api';
import classes from '../bulk.module.css';
import { filterText } from '../model/filter-text';
import { JobState } from './job-state';
import { Progress } from './progress';

const danger: ReadonlySet<string> = new Set(['cancel', 'delete']);

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What a job is to do or has done, in numbers, and its start and its end. */
export function JobSummary({ job }: { job: BulkJob }) {
  const { t, i18n } = useTranslation('bulk');
  const may = useMay();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [output, setOutput] = useState('{}');
  const refresh = () => client.invalidateQueries({ queryKey: ['bulk-jobs'] });
  const aborting = useMutation({ mutationFn: () => bulk.abort(job.id), onSettled: refresh });
  const operation = t(`operation.${job.operation}`, { priority: job.options.priority });
  const ready = job.pending > 0 && may(job.operation === 'delete' ? 'process.delete' : 'process.operate');
  return (
    <Card
      title={
        <Group gap="xs">
          <Text fw={600}>{operation}</Text>
          <JobState state={job.state} />
        </Group>
      }
      aside={
        job.state === 'draft' ? (
          <Button color={danger.has(job.operation) ? 'red' : undefined} disabled={!ready} onClick={() => { setAsking(true); }}>
            {t('start', { count: job.pending })}
          </Button>
        ) : job.state === 'running' && may('process.operate') ? (
          <Button variant="default" loading={aborting.isPending} onClick={() => { aborting.mutate(); }}>
            {t('abort')}
          </Button>
        ) : undefined
      }
    >
      <Text size="sm" c="dimmed">
        {filterText(job.filter, t, i18n.language)}
      </Text>
      <Chosen options={job.options} />
      {job.reason !== undefined && <Text size="sm">{job.reason}</Text>}
      {job.options.patch !== undefined && (
        <>
          <Text size="sm" fw={500} mt={8}>
            {t('change')}
          </Text>
          <JsonView value={job.options.patch} maxHeight={160} />
        </>
      )}
      <div className={classes.numbers} data-testid="bulk-numbers">
        <Number name="total" n={job.total} />
        <Number name="pending" n={job.pending} />
        <Number name="done" n={job.done} />
        <Number name="refused" n={job.refused} />
        <Number name="failed" n={job.failed} />
      </div>
      {job.state !== 'draft' && <Progress job={job} size={10} />}
      <Text size="sm" c="dimmed" mt={8}>
        {job.state === 'draft' ? t('dry_run') : null}
        {job.state === 'running' && job.eta_ms !== undefined && (
          <>
            {t('rate', { rate: Math.round(job.rate) })} · {t('left')} <Duration ms={job.eta_ms} />
          </>
        )}
        {job.ended_at !== undefined && (
          <>
            {t('ended')} <Moment at={job.ended_at} /> {job.aborted_by === undefined ? '' : t('aborted_by', { who: job.aborted_by })}
          </>
        )}
      </Text>
      <ReasonDialog
        opened={asking}
        onClose={() => { setAsking(false); }}
        title={operation}
        explanation={t('explain', { count: job.pending })}
        confirm={t('start', { count: job.pending })}
        danger={danger.has(job.operation)}
        ready={job.operation !== 'skip' || isObject(output)}
        onConfirm={async (reason) => {
          await bulk.run(job.id, reason, job.operation === 'skip' ? { output: JSON.parse(output) as Record<string, never> } : undefined);
          await refresh();
        }}
      >
        {job.operation === 'skip' && <JsonInput label={t('value')} description={t('value_hint')} value={output} onChange={setOutput} autosize minRows={2} maxRows={10} />}
      </ReasonDialog>
    </Card>
  );
}

/** What the operation was told: a step, a version, a message. */
function Chosen({ options }: { options: BulkJob['options'] }) {
  const { t } = useTranslation('bulk');
  const { node, version, message } = options;
  return (
    <>
      {node !== undefined && <Text size="sm">{t('chosen.node', { value: node })}</Text>}
      {version !== undefined && <Text size="sm">{t('chosen.version', { value: version })}</Text>}
      {message !== undefined && (
        <>
          <Text size="sm">
            {t('chosen.message', { value: message.name })}
            {message.key !== undefined && ` · ${t('chosen.key', { value: message.key })}`}
          </Text>
          <JsonView value={message.payload ?? {}} maxHeight={160} />
        </>
      )}
    </>
  );
}

function Number({ name, n }: { name: string; n: number }) {
  const { t, i18n } = useTranslation('bulk');
  return (
    <span data-name={name}>
      <b>{n.toLocaleString(i18n.language)}</b>
      {t(`count.${name}`)}
    </span>
  );
}
