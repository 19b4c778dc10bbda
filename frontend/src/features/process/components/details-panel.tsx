import { Anchor, Text } from '@mantine/core';
import { IconInfoCircle, IconPointer } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { Attempt, ProcessGraph, Task } from '@/shared/api/types';
import { usePickText } from '@/shared/i18n/text';
import type { LiveProcess } from '@/shared/run/live-process';
import { taskQuery } from '@/shared/run/run-api';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { JsonView } from '@/shared/ui/json-view';
import { Moment, Span } from '@/shared/ui/moment';
import { StatusBadge } from '@/shared/ui/status';
import { Tabs } from '@/shared/ui/tabs';

import type { Selection } from '../hooks/use-selection';
import classes from './details-panel.module.css';
import { ErrorCard } from './error-card';
import { LogView } from './log-view';
import type { Operation } from './operation-dialogs';
import { RestartFromButton, TaskActions } from './task-actions';
import actionClasses from './task-actions.module.css';
import { useWhyText } from './why-text';

interface DetailsPanelProps {
  live: LiveProcess;
  graph: ProcessGraph;
  selection: Selection;
  onOperate: (operation: Operation) => void;
}

/** Everything kept of the selected task, or of the process when none is selected. */
export function DetailsPanel(props: DetailsPanelProps) {
  const { t } = useTranslation('process');
  const { live, selection } = props;
  return (
    <aside className={classes.panel} aria-label={t('details.label')} data-testid="details">
      {selection.task !== undefined ? (
        <TaskDetails key={selection.task} {...props} taskId={selection.task} />
      ) : selection.node !== undefined ? (
        <NodeDetails {...props} nodeId={selection.node} />
      ) : (
        <ProcessDetails live={live} />
      )}
    </aside>
  );
}

function TaskDetails({ live, graph, selection, onOperate, taskId }: DetailsPanelProps & { taskId: string }) {
  const { t } = useTranslation('process');
  const pick = usePickText();
  const whyText = useWhyText();
  const query = useQuery(taskQuery(live.process.id, taskId));
  const summary = live.tasks[taskId];
  const task = query.data;
  if (!summary) return null;
  const type = graph.node_types.find((candidate) => candidate.type === summary.node_type);
  const attempt = task && (task.attempts.find((one) => one.epoch === selection.attempt) ?? task.attempts.at(-1));
  const facts = [
    summary.node_type,
    type && t('details.pool', { pool: type.pool }),
    summary.worker && t('details.worker', { worker: summary.worker }),
  ].filter(Boolean);
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          <h2>{summary.title || summary.node_id}</h2>
          <StatusBadge state={summary.state} />
        </div>
        <UndoFacts live={live} taskId={taskId} onSelect={selection.selectTask} />
        {facts.length > 0 && <div className={classes.sub}>{facts.join(' · ')}</div>}
        {summary.why && summary.state !== 'incident' && (
          <div className={classes.why} data-testid="why">
            <IconInfoCircle size={15} stroke={1.8} /> {whyText(summary.why)}
          </div>
        )}
      </header>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : !task ? (
        <LoadingRows rows={4} height={48} />
      ) : (
        <>
          {task.attempts.length > 0 && (
            <Tabs
              label={t('details.attempts')}
              value={String(attempt?.epoch ?? '')}
              onChange={(value) => {
                selection.selectAttempt(Number(value));
              }}
              tabs={task.attempts.map((one, index) => ({
                value: String(one.epoch),
                label: one === attempt ? t('details.attempt', { n: index + 1 }) : String(index + 1),
              }))}
            />
          )}
          <div className={classes.body}>
            <AttemptBody task={task} attempt={attempt} live={live} />
            {type && pick(type.doc) && (
              <Section title={t('details.about')}>
                <Text size="sm" c="dimmed">
                  {pick(type.doc)}
                </Text>
              </Section>
            )}
          </div>
          <TaskActions process={live.process} graph={graph} task={task} onOperate={onOperate} />
        </>
      )}
    </>
  );
}

/** What the task undoes, and what undoes it. */
function UndoFacts({ live, taskId, onSelect }: { live: LiveProcess; taskId: string; onSelect: (id: string) => void }) {
  const { t } = useTranslation('process');
  const undone = live.tasks[live.tasks[taskId]?.undoes ?? ''];
  const by = Object.values(live.tasks).find((each) => each.undoes === taskId && each.state !== 'cancelled');
  return (
    <>
      {([['details.undoes', undone], ['details.undone_by', by]] as const).map(
        ([text, task]) =>
          task && (
            <div key={text} className={classes.sub} data-testid={text.replace('details.', '')}>
              {t(text)}{' '}
              <Anchor component="button" type="button" size="xs" onClick={() => { onSelect(task.id); }}>
                {task.title || task.node_id}
              </Anchor>{' '}
              <StatusBadge state={task.state} />
            </div>
          ),
      )}
    </>
  );
}

function AttemptBody({ task, attempt, live }: { task: Task; attempt: Attempt | undefined; live: LiveProcess }) {
  const { t } = useTranslation('process');
  const isLast = attempt === task.attempts.at(-1);
  const error = attempt?.error ?? (isLast ? task.error : undefined);
  return (
    <>
      {error && <ErrorCard error={error} process={live.process} />}
      {task.progress && task.state === 'running' && isLast && (
        <div className={classes.progress}>
          <div className={classes.bar}>
            <i style={{ width: `${task.progress.percent}%` }} />
          </div>
          <span>
            {task.progress.percent} % {task.progress.text}
          </span>
        </div>
      )}
      {attempt && <AttemptFacts attempt={attempt} />}
      {task.child && (
        <Section title={t('called.title')}>
          <div className={classes.child}>
            <AnchorLink to="/processes/$processId" params={{ processId: task.child.id }} size="sm">
              {task.child.definition_title || task.child.definition} · v{task.child.version}
            </AnchorLink>
            <StatusBadge state={task.child.state} />
          </div>
          {task.child.count > 1 && <Text size="xs" c="dimmed">{t('called.count', { count: task.child.count })}</Text>}
        </Section>
      )}
      <Section title={t('details.input')}>
        <JsonView value={attempt?.input ?? task.input} processId={live.process.id} />
      </Section>
      {isLast && task.output !== undefined && (
        <Section title={t('details.output')}>
          <JsonView value={task.output} processId={live.process.id} />
        </Section>
      )}
      {attempt?.log && (
        <Section title={t('details.log')}>
          <LogView key={attempt.epoch} text={attempt.log} />
        </Section>
      )}
    </>
  );
}

function AttemptFacts({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('process');
  const known = ['completed', 'failed', 'lost', 'handed_back', 'cancelled', 'timeout', 'withdrawn'];
  return (
    <dl className={classes.facts}>
      {attempt.outcome && (
        <Fact name={t('details.outcome')}>
          {known.includes(attempt.outcome) ? t(`outcome.${attempt.outcome}`) : attempt.outcome}
        </Fact>
      )}
      {attempt.worker && <Fact name={t('details.ran_on')}>{attempt.worker}</Fact>}
      {attempt.queued_at && (attempt.started_at ?? attempt.ended_at) && (
        <Fact name={t('details.queued')}>
          <Span from={attempt.queued_at} to={attempt.started_at ?? attempt.ended_at} />
        </Fact>
      )}
      {attempt.started_at && (
        <Fact name={t('details.started')}>
          <Moment at={attempt.started_at} />
        </Fact>
      )}
      {attempt.started_at && (
        <Fact name={t('details.took')}>
          <Span from={attempt.started_at} to={attempt.ended_at} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function NodeDetails({ live, graph, onOperate, nodeId }: DetailsPanelProps & { nodeId: string }) {
  const { t } = useTranslation('process');
  const pick = usePickText();
  const node = graph.document.nodes.find((candidate) => candidate.id === nodeId);
  if (!node) return <ProcessDetails live={live} />;
  const type = graph.node_types.find((candidate) => candidate.type === node.service?.type);
  const passed = live.process.taken_edges.some((id) =>
    graph.document.edges.some((edge) => edge.id === id && (edge.to === nodeId || edge.from === nodeId)),
  );
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          <h2>{node.title || node.id}</h2>
        </div>
        <div className={classes.sub}>{node.service?.type ?? t(`kind.${node.kind}`)}</div>
      </header>
      <div className={classes.body}>
        <p className={classes.note}>
          <IconPointer size={16} stroke={1.7} /> {t(passed ? 'details.passed' : 'details.not_reached')}
        </p>
        {(node.doc ?? pick(type?.doc)) && (
          <Section title={t('details.about')}>
            <Text size="sm" c="dimmed">
              {node.doc ?? pick(type?.doc)}
            </Text>
          </Section>
        )}
      </div>
      {/* Where several runs of a sub-process are under way, a task of the run says which is meant. */}
      <div className={actionClasses.actions}>
        <RestartFromButton process={live.process} node={nodeId} onOperate={onOperate} />
      </div>
    </>
  );
}

function ProcessDetails({ live }: { live: LiveProcess }) {
  const { t } = useTranslation('process');
  const whyText = useWhyText();
  const { process } = live;
  return (
    <>
      <header className={classes.head}>
        <div className={classes.title}>
          <h2>{process.custom_id}</h2>
          <StatusBadge state={process.state} />
        </div>
        <div className={classes.sub}>
          {process.definition_title || process.definition} · v{process.version}
        </div>
      </header>
      <div className={classes.body}>
        {process.error_code && (
          <ErrorCard error={{ code: process.error_code, message: process.error_message ?? '' }} process={process} />
        )}
        {(process.whys ?? []).map((why) => (
          <p key={`${why.code}${why.text_en ?? ''}`} className={classes.note} data-testid="process-why">
            {whyText(why)}
          </p>
        ))}
        <Section title={t('details.input')}>
          <JsonView value={process.input} processId={process.id} maxHeight={420} />
        </Section>
        {process.output !== undefined && (
          <Section title={t('details.output')}>
            <JsonView value={process.output} processId={process.id} maxHeight={420} />
          </Section>
        )}
      </div>
    </>
  );
}
