import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import type { ProcessGraph } from '@/shared/api/types';
import { PlanContext, type Fate, type PlanMarks } from '@/shared/canvas/plan-marks';
import { ProcessCanvas } from '@/shared/canvas/process-canvas';
import { useRunState } from '@/shared/run/use-run-state';
import type { LiveProcess } from '@/shared/run/live-process';

import classes from './plan-preview.module.css';

interface PlanPreviewProps {
  live: LiveProcess;
  graph: ProcessGraph;
  marks: PlanMarks;
}

const FATES: readonly Fate[] = ['begins', 'stopped', 'forgotten', 'ahead'];

/** The process as it stands, and what would become of its nodes. */
export function PlanPreview({ live, graph, marks }: PlanPreviewProps) {
  const { t } = useTranslation('process');
  const runState = useRunState(live, graph.document, false);
  const nodeTypes = useMemo(() => Object.fromEntries(graph.node_types.map((type) => [type.type, type])), [graph.node_types]);
  const present = FATES.filter((fate) => Object.values(marks).includes(fate));
  return (
    <figure className={classes.preview} data-testid="plan-preview">
      <div className={classes.canvas}>
        <PlanContext value={marks}>
          <ProcessCanvas graph={graph.document} nodeTypes={nodeTypes} runState={runState} readOnly overview />
        </PlanContext>
      </div>
      {present.length > 0 && (
        <figcaption className={classes.legend}>
          {present.map((fate) => (
            <span key={fate} data-fate={fate}>{t(`plan.${fate}`)}</span>
          ))}
        </figcaption>
      )}
    </figure>
  );
}
