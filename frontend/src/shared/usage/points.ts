import type { Usage } from '@/shared/api/types';

/** What a chart can show, in hours until now. */
export const spans = [1, 6, 24, 168, 720] as const;
export type Span = (typeof spans)[number];

const hour = 3_600_000;

/** What a chart begins with: a day, or less while all there is to show is younger. */
export function firstSpan(since: string | undefined, now: number): Span {
  if (since === undefined) return 1;
  const age = (now - Date.parse(since)) / hour;
  return age < 1 ? 1 : age < 6 ? 6 : 24;
}

/** A step of a chart: when it begins, and its values by metric. */
export interface Point {
  at: string;
  [metric: string]: number | string;
}

/** The steps of a chart with the figures of all its names added up. */
export function pointsOf(usage: Usage, metrics: readonly string[]): Point[] {
  const from = Date.parse(usage.from);
  return Array.from({ length: usage.steps }, (_, step) => {
    const point: Point = { at: new Date(from + step * usage.step_s * 1000).toISOString() };
    for (const metric of metrics) point[metric] = usage.series.reduce((sum, one) => sum + (one.metrics[metric]?.[step] ?? 0), 0);
    return point;
  });
}

/** A metric of one name over the whole chart. */
export function totalOf(usage: Usage | undefined, name: string, metric: string): number {
  const values = usage?.series.find((one) => one.name === name)?.metrics[metric] ?? [];
  return values.reduce((sum, value) => sum + value, 0);
}

/** What stands below a step: the time of a short chart, the day of a long one. */
export function labelOf(at: string, stepS: number, language: string): string {
  const long = stepS >= 3600;
  return new Intl.DateTimeFormat(language, long ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', hour12: false }).format(new Date(at));
}
