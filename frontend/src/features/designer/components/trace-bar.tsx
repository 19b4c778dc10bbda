// A problem of the control flow, gone through flow by flow: what is wrong, how it comes about, and what would mend it.

import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconPlayerPauseFilled, IconPlayerPlayFilled, IconRefresh, IconX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { edgeById, nodeById } from '@/shared/graph/query';
import type { GraphDocument } from '@/shared/graph/types';

import { useDocument, useProblems, useSession, useUi } from '../hooks/designer-context';
import { knownPath, stepTrace } from '../model/go-to';
import { problemText } from '../model/problem-text';
import type { Problem } from '../model/problems';
import { FixButtons } from './fix-buttons';
import classes from './trace-bar.module.css';

const PACE_MS = 750;

export function TraceBar() {
  const tracing = useUi((state) => state.tracing);
  const problems = useProblems();
  const problem = problems.find((each) => each.id === tracing?.problem);
  if (tracing === undefined || problem === undefined) return null;
  return <Bar key={problem.id} problem={problem} step={tracing.step} />;
}

function still(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}

function Bar({ problem, step }: { problem: Problem; step: number }) {
  const { t } = useTranslation(['designer', 'problems']);
  const { context } = useSession();
  const doc = useDocument();
  const path = knownPath(doc, problem);
  const [playing, setPlaying] = useState(() => !still());
  const ended = step >= path.length;
  useEffect(() => {
    if (!playing || ended) return;
    const timer = setTimeout(() => stepTrace(context, 1), PACE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [playing, ended, step, context]);
  const goTo = (to: number): void => {
    setPlaying(false);
    context.ui.setState({ tracing: { problem: problem.id, step: to } });
  };
  return (
    <section className={classes.bar} aria-label={t('trace.label')} data-testid="trace-bar">
      <div className={classes.texts} aria-live="polite">
        <b>{problemText(t, problem)}</b>
        <span className={classes.step}>
          {ended ? t(`trace.end_${problem.code.replace('sound.', '')}`, { title: titleOf(doc, problem.node), defaultValue: '' }) : stepText(t, doc, path, step)}
        </span>
      </div>
      <FixButtons problem={problem} />
      <div className={classes.buttons}>
        <Tooltip label={t('trace.previous')}>
          <ActionIcon size={28} aria-label={t('trace.previous')} disabled={step === 0} onClick={() => { goTo(step - 1); }}>
            <IconChevronLeft size={17} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={ended ? t('trace.again') : t(playing ? 'trace.pause' : 'trace.play')}>
          <ActionIcon
            size={28}
            aria-label={ended ? t('trace.again') : t(playing ? 'trace.pause' : 'trace.play')}
            onClick={() => {
              if (ended) context.ui.setState({ tracing: { problem: problem.id, step: 0 } });
              setPlaying(ended || !playing);
            }}
          >
            {ended ? <IconRefresh size={16} /> : playing ? <IconPlayerPauseFilled size={15} /> : <IconPlayerPlayFilled size={15} />}
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t('trace.next')}>
          <ActionIcon size={28} aria-label={t('trace.next')} disabled={ended} onClick={() => { goTo(step + 1); }}>
            <IconChevronRight size={17} />
          </ActionIcon>
        </Tooltip>
        <span className={classes.count} data-testid="trace-step">{t('trace.step', { step, count: path.length })}</span>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<IconX size={14} />}
          onClick={() => {
            context.ui.setState({ tracing: undefined });
          }}
        >
          {t('common:action.close')}
        </Button>
      </div>
    </section>
  );
}

function titleOf(doc: GraphDocument, id: string | undefined): string {
  const node = nodeById(doc, id);
  return node === undefined ? '' : node.title === '' ? node.id : node.title;
}

function stepText(t: ReturnType<typeof useTranslation>['t'], doc: GraphDocument, path: readonly string[], step: number): string {
  const edge = edgeById(doc, path[step - 1] ?? path[0]);
  const ends = { from: titleOf(doc, edge?.from), to: titleOf(doc, edge?.to) };
  return step === 0 ? t('designer:trace.begin') : t('designer:trace.taken', ends);
}
