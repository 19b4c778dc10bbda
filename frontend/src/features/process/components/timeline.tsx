import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { Attempt, Process } from '@/shared/api/types';
import { formatDuration } from '@/shared/format/duration';
import { formatMoment } from '@/shared/format/time';
import type { GraphDocument } from '@/shared/graph/types';
import { hasEnded, inOrder, type LiveProcess } from '@/shared/run/live-process';
import { taskQuery } from '@/shared/run/run-api';
import { lookOf } from '@/shared/ui/states';
import { useNow } from '@/shared/ui/use-now';

import type { Selection } from '../hooks/use-selection';
import { nodeRanks } from '../model/graph-order';
import { buildScale, segmentsOf, type Segment, type TimelineRow } from '../model/timeline';
import classes from './timeline.module.css';

interface TimelineProps {
  live: LiveProcess;
  document: GraphDocument;
  selection: Selection;
}

/** Beyond this the timeline draws the first and the last rows only; the tree shows all. */
const rowsAtMost = 200;
/** Attempts are kept with their task: they are asked for where there was more than one run. */
const detailsAtMost = 24;
const windowIdle = 400;

export function Timeline({ live, document, selection }: TimelineProps) {
  const { t } = useTranslation('process');
  const moving = !hasEnded(live.process) && live.process.state !== 'incident' && live.process.state !== 'suspended';
  const now = useNow(moving, windowIdle);
  const tasks = useMemo(() => {
    const ranks = nodeRanks(document);
    return inOrder(live.tasks, (node) => ranks.get(node) ?? Infinity).slice(-rowsAtMost);
  }, [live.tasks, document]);
  const repeated = tasks.filter((task) => task.epoch > 1).slice(0, detailsAtMost);
  const details = useQueries({ queries: repeated.map((task) => taskQuery(live.process.id, task.id)) });
  const attempts = new Map<string, readonly Attempt[]>();
  repeated.forEach((task, index) => {
    const kept = details[index]?.data?.attempts;
    if (kept) attempts.set(task.id, kept);
  });

  const rows: TimelineRow[] = tasks.map((task) => ({ task, segments: segmentsOf(task, attempts.get(task.id), now) }));
  const from = Date.parse(live.process.started_at ?? live.process.created_at);
  const lastMove = Math.max(from, ...rows.flatMap((row) => row.segments.map((segment) => segment.to)));
  const to = live.process.ended_at ? Date.parse(live.process.ended_at) : moving ? now : lastMove;
  const scale = buildScale(rows, from, to);
  const percent = (moment: number) => scale.place(moment) * 100;

  if (rows.length === 0) return <p className={classes.empty}>{t('timeline.empty')}</p>;
  return (
    <div className={classes.timeline}>
      <div className={classes.gaps} aria-hidden>
        {scale.gaps.map((gap) => (
          <i
            key={gap.from}
            className={classes.fold}
            style={{ left: `${percent(gap.from)}%`, width: `${percent(gap.to) - percent(gap.from)}%` }}
          />
        ))}
      </div>
      {rows.map(({ task, segments }) => (
        <button
          key={task.id}
          type="button"
          className={classes.row}
          data-selected={task.id === selection.task || undefined}
          onClick={() => {
            selection.selectTask(task.id);
          }}
        >
          <span className={classes.name}>{task.title || task.node_id}</span>
          <span className={classes.track}>
            {segments.map((segment) => (
              <Bar
                key={`${segment.epoch}-${segment.kind}`}
                segment={segment}
                left={percent(segment.from)}
                right={percent(segment.to)}
              />
            ))}
          </span>
        </button>
      ))}
    </div>
  );
}

const outcomeStates: Record<string, string> = { timeout: 'failed', lost: 'failed', handed_back: 'cancelled', withdrawn: 'cancelled' };

function Bar({ segment, left, right }: { segment: Segment; left: number; right: number }) {
  const { t, i18n } = useTranslation('process');
  const { tone } = lookOf(outcomeStates[segment.outcome] ?? segment.outcome);
  const length = formatDuration(segment.to - segment.from, t, i18n.language);
  return (
    <i
      className={classes.bar}
      data-tone={tone}
      data-kind={segment.kind}
      style={{ left: `${left}%`, width: `max(${right - left}%, 3px)` }}
      title={t(`timeline.${segment.kind}`, { attempt: segment.attempt, length })}
    />
  );
}

export function TimelineCaption({ process }: { process: Process }) {
  const { t, i18n } = useTranslation('process');
  if (!process.started_at) return null;
  const from = formatMoment(process.started_at, i18n.language);
  const standing = process.state === 'incident' || process.state === 'suspended';
  const to = process.ended_at ? formatMoment(process.ended_at, i18n.language) : t('timeline.now');
  return (
    <>
      {standing ? `${t('timeline.since')} ${from}` : `${from} — ${to}`} · {t('timeline.folded')}
    </>
  );
}
