// Two documents on one canvas: bars say what was added, removed and changed.

import { SegmentedControl } from '@mantine/core';
import { useMemo, useState, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import type { CanvasSelection } from '@/shared/canvas/canvas-context';
import { DiffContext } from '@/shared/canvas/diff-marks';
import { ProcessCanvas } from '@/shared/canvas/process-canvas';
import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import { withFallbackLayout } from '@/shared/graph/fallback-layout';
import type { NodeTypeMap } from '@/shared/graph/node-type';
import type { GraphDocument } from '@/shared/graph/types';

import type { Comparison } from './compare';
import classes from './diff-canvas.module.css';
import { DifferenceSummary } from './difference-list';
import { overlay, type Side } from './overlay';

interface DiffCanvasProps {
  before: GraphDocument;
  after: GraphDocument;
  comparison: Comparison;
  nodeTypes: NodeTypeMap;
  selection: CanvasSelection;
  onSelect: (selection: CanvasSelection) => void;
  apiRef: Ref<CanvasApi>;
}

const SIDES: readonly Side[] = ['both', 'before', 'after'];

export function DiffCanvas({ before, after, comparison, apiRef, ...rest }: DiffCanvasProps) {
  const { t } = useTranslation('compare');
  const [side, setSide] = useState<Side>('both');
  const { graph, marks } = useMemo(
    () => overlay(withFallbackLayout(before), withFallbackLayout(after), comparison, side),
    [before, after, comparison, side],
  );
  return (
    <DiffContext value={marks}>
      <ProcessCanvas graph={graph} readOnly apiRef={apiRef} {...rest}>
        <div className={classes.legend}>
          <SegmentedControl
            aria-label={t('view')}
            size="xs"
            value={side}
            data={SIDES.map((value) => ({ value, label: t(value) }))}
            onChange={(value) => {
              setSide(SIDES.find((each) => each === value) ?? 'both');
            }}
          />
          <DifferenceSummary comparison={comparison} />
        </div>
      </ProcessCanvas>
    </DiffContext>
  );
}
