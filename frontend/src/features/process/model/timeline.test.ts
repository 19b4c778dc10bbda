import { describe, expect, it } from 'vitest';

import { aTask } from '@/shared/run/process-fixture';

import { buildScale, segmentsOf, type TimelineRow } from './timeline';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 23, 12, 0, seconds)).toISOString();
const ms = (seconds: number) => Date.UTC(2026, 10, 23, 12, 0, seconds);

describe('segmentsOf', () => {
  it('draws waiting and running apart', () => {
    const task = aTask('a', { state: 'completed', ready_at: at(0), started_at: at(2), ended_at: at(5) });
    expect(segmentsOf(task, undefined, ms(60)).map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['queue', ms(0), ms(2)], ['run', ms(2), ms(5)],
    ]);
  });

  it('counts the start of a short task back from its end', () => {
    const task = aTask('a', { state: 'completed', ready_at: at(0), ended_at: at(3), run_ms: 1000 });
    expect(segmentsOf(task, undefined, ms(60)).at(-1)).toMatchObject({ kind: 'run', from: ms(2), to: ms(3) });
  });

  it('lets a running task reach until now', () => {
    const task = aTask('a', { state: 'running', ready_at: at(0), started_at: at(1) });
    expect(segmentsOf(task, undefined, ms(9)).at(-1)).toMatchObject({ kind: 'run', to: ms(9) });
  });

  it('ends at the failure of a task that waits for a person', () => {
    const task = aTask('a', { state: 'incident', ready_at: at(0), started_at: at(1), run_ms: 2000 });
    expect(segmentsOf(task, undefined, ms(900)).at(-1)).toMatchObject({ kind: 'run', to: ms(3) });
  });

  it('draws every attempt that was kept', () => {
    const task = aTask('a', { state: 'incident', attempt: 2 });
    const segments = segmentsOf(
      task,
      [
        { attempt: 1, epoch: 1, outcome: 'failed', queued_at: at(0), started_at: at(1), ended_at: at(2) },
        { attempt: 2, epoch: 2, outcome: 'failed', queued_at: at(10), started_at: at(11), ended_at: at(12) },
      ],
      ms(60),
    );
    expect(segments.map((segment) => `${segment.epoch}${segment.kind}`)).toEqual(['1queue', '1run', '2queue', '2run']);
  });
});

describe('buildScale', () => {
  const row = (...spans: [number, number][]): TimelineRow => ({
    task: aTask('a'),
    segments: spans.map(([from, to], index) => ({ from, to, kind: 'run', attempt: index + 1, epoch: index + 1, outcome: 'completed' })),
  });

  it('is straight without gaps', () => {
    const scale = buildScale([row([0, 100])], 0, 100);
    expect(scale.gaps).toEqual([]);
    expect([scale.place(0), scale.place(50), scale.place(100)]).toEqual([0, 0.5, 1]);
  });

  it('folds a long stretch without work', () => {
    const scale = buildScale([row([0, 100], [1000, 1100])], 0, 1100);
    expect(scale.gaps).toEqual([{ from: 100, to: 1000 }]);
    expect(scale.place(1000) - scale.place(100)).toBeCloseTo(0.03);
    expect(scale.place(1100)).toBeCloseTo(1);
    expect(scale.place(50)).toBeCloseTo(0.2425);
  });

  it('never runs backwards and never leaves the track', () => {
    const scale = buildScale([row([0, 10], [500, 520], [2000, 2040])], 0, 2100);
    let last = 0;
    for (let moment = -50; moment <= 2200; moment += 10) {
      const place = scale.place(moment);
      expect(place).toBeGreaterThanOrEqual(last);
      expect(place).toBeLessThanOrEqual(1);
      last = place;
    }
  });
});
