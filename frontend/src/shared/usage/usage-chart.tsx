import '@mantine/charts/styles.css';

import { AreaChart, BarChart } from '@mantine/charts';
import { useTranslation } from 'react-i18next';

import type { Usage } from '@/shared/api/types';
import { formatDateTime } from '@/shared/format/time';

import { labelOf, pointsOf } from './points';

export interface Line {
  metric: string;
  label: string;
  /** A CSS colour. */
  color: string;
}

interface UsageChartProps {
  usage: Usage;
  lines: readonly Line[];
  /** Says what the picture shows to whoever does not see it. */
  title: string;
  height: number;
  /** What was counted in each step, as bars; else how much there was at most, as areas. */
  counts: boolean;
}

/** Figures over time, all names added up. */
export default function UsageChart({ usage, lines, title, height, counts }: UsageChartProps) {
  const { i18n } = useTranslation();
  const points = pointsOf(usage, lines.map((line) => line.metric));
  const sums = lines.map((line) => `${line.label}: ${points.reduce((sum, point) => sum + Number(point[line.metric] ?? 0), 0).toLocaleString(i18n.language)}`);
  const common = {
    h: height,
    data: points,
    dataKey: 'at',
    series: lines.map((line) => ({ name: line.metric, label: line.label, color: line.color })),
    withLegend: true,
    legendProps: { verticalAlign: 'top', align: 'right', height: 30, itemSorter: null },
    gridAxis: 'x',
    tickLine: 'none',
    valueFormatter: (value: number) => value.toLocaleString(i18n.language),
    yAxisProps: { allowDecimals: false, width: 44 },
    xAxisProps: { minTickGap: 40, tickFormatter: (at: string) => labelOf(at, usage.step_s, i18n.language) },
    tooltipAnimationDuration: 0,
    tooltipProps: { labelFormatter: (at: unknown) => (typeof at === 'string' ? formatDateTime(at, i18n.language) : '') },
  } as const;
  return (
    <div role="img" aria-label={`${title}. ${sums.join(', ')}`}>
      {counts ? (
        <BarChart {...common} fillOpacity={0.9} barProps={{ isAnimationActive: false, radius: 1.5 }} barChartProps={{ barCategoryGap: '12%', barGap: 0 }} />
      ) : (
        <AreaChart {...common} curveType="stepAfter" withDots={false} fillOpacity={0.14} strokeWidth={1.8} areaProps={{ isAnimationActive: false }} />
      )}
    </div>
  );
}
