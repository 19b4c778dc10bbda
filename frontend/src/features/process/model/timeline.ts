// Bars of the timeline, and a scale on which long stretches without any work are folded.
import type { Attempt, TaskSummary } from '@/shared/api/types';
import { settledAt } from '@/shared/run/live-process';

export interface Segment {
  from: number;
  to: number;
  kind: 'queue' | 'run';
  attempt: number;
  epoch: number;
  outcome: string;
}

export interface TimelineRow {
  task: TaskSummary;
  segments: Segment[];
}

function at(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Date.parse(value);
}

/** Attempts as they were kept; a task whose attempts are not loaded is drawn from its summary. */
export function segmentsOf(task: TaskSummary, attempts: readonly Attempt[] | undefined, now: number): Segment[] {
  const drawn = (attempts ?? []).flatMap((attempt) => attemptSegments(attempt, attempt.outcome ?? task.state, now));
  if (drawn.length > 0) return drawn;
  const ended = at(settledAt(task)) ?? (isMoving(task.state) ? now : undefined);
  const started = at(task.started_at) ?? startFromDurations(task);
  const ready = at(task.ready_at) ?? at(task.created_at);
  const segments: Segment[] = [];
  const queueEnd = started ?? ended ?? now;
  if (ready !== undefined && queueEnd > ready) {
    segments.push({ from: ready, to: queueEnd, kind: 'queue', attempt: task.attempt, epoch: task.epoch, outcome: task.state });
  }
  if (started !== undefined) {
    const to = ended ?? now;
    segments.push({ from: started, to: Math.max(to, started), kind: 'run', attempt: task.attempt, epoch: task.epoch, outcome: task.state });
  }
  return segments;
}

/** A short task reports no start: it is counted back from its end. */
function startFromDurations(task: TaskSummary): number | undefined {
  const ended = at(task.ended_at);
  if (ended === undefined || task.run_ms === undefined) return undefined;
  return ended - task.run_ms;
}

function attemptSegments(attempt: Attempt, outcome: string, now: number): Segment[] {
  const queued = at(attempt.queued_at);
  const ended = at(attempt.ended_at);
  const started =
    at(attempt.started_at) ?? (ended !== undefined && attempt.run_ms !== undefined ? ended - attempt.run_ms : undefined);
  const segments: Segment[] = [];
  const queueEnd = started ?? ended ?? now;
  if (queued !== undefined && queueEnd > queued) {
    segments.push({ from: queued, to: queueEnd, kind: 'queue', attempt: attempt.attempt, epoch: attempt.epoch, outcome });
  }
  if (started !== undefined) {
    segments.push({ from: started, to: Math.max(started, ended ?? now), kind: 'run', attempt: attempt.attempt, epoch: attempt.epoch, outcome });
  }
  return segments;
}

function isMoving(state: string): boolean {
  return state === 'running' || state === 'queued' || state === 'ready' || state === 'waiting' || state === 'retrying';
}

export interface Gap {
  from: number;
  to: number;
}

export interface Scale {
  from: number;
  to: number;
  gaps: Gap[];
  /** Position of a moment, 0 to 1. */
  place: (moment: number) => number;
}

/** A gap is folded when it takes more than this share of the whole; folded it takes foldedShare. */
const foldAbove = 0.15;
const foldedShare = 0.03;

export function buildScale(rows: readonly TimelineRow[], from: number, to: number): Scale {
  const end = Math.max(to, from + 1);
  const gaps = findGaps(rows, from, end).filter((gap) => gap.to - gap.from > (end - from) * foldAbove);
  const idle = gaps.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const busyShare = 1 - gaps.length * foldedShare;
  const busy = Math.max(1, end - from - idle);
  const place = (moment: number): number => {
    const clamped = Math.min(Math.max(moment, from), end);
    let position = 0;
    let cursor = from;
    for (const gap of gaps) {
      if (clamped <= gap.from) break;
      position += ((gap.from - cursor) / busy) * busyShare;
      const inside = Math.min(clamped, gap.to) - gap.from;
      position += (inside / (gap.to - gap.from)) * foldedShare;
      cursor = gap.to;
      if (clamped <= gap.to) return position;
    }
    return Math.min(1, position + ((clamped - cursor) / busy) * busyShare);
  };
  return { from, to: end, gaps, place };
}

function findGaps(rows: readonly TimelineRow[], from: number, to: number): Gap[] {
  const spans = rows
    .flatMap((row) => row.segments)
    .map((segment) => ({ from: Math.max(from, segment.from), to: Math.min(to, segment.to) }))
    .sort((a, b) => a.from - b.from);
  const gaps: Gap[] = [];
  let busyUntil = from;
  for (const span of spans) {
    if (span.from > busyUntil) gaps.push({ from: busyUntil, to: span.from });
    busyUntil = Math.max(busyUntil, span.to);
  }
  if (spans.length > 0 && to > busyUntil) gaps.push({ from: busyUntil, to });
  return gaps;
}
