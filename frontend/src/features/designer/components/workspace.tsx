// The designer's frame: palette, canvas, properties, problems; nothing ever covers the canvas but what was asked for.

import { useEffect, useMemo, useState, type RefObject } from 'react';

import { ProcessCanvas } from '@/shared/canvas/process-canvas';
import type { CanvasApi } from '@/shared/canvas/use-canvas-api';

import { useCatalog, useDesigner, useDocument, useProblems, useSession, useUi } from '../hooks/designer-context';
import { useCanvasEditing } from '../hooks/use-canvas-editing';
import { useLiveCheck } from '../hooks/use-live-check';
import { useShortcuts } from '../hooks/use-shortcuts';
import { useTrace } from '../hooks/use-trace';
import { useFolding, useSeen } from '../hooks/use-view';
import { marksFrom, marksOnFolds } from '../model/problems';
import { RunOnCanvas } from '../trial/run-on-canvas';
import { TestDialog } from '../trial/test-dialog';
import { TestDock } from '../trial/test-dock';
import { createTrial, TrialContext, useTrial } from '../trial/trial-context';
import { CanvasMenu } from './canvas-menu';
import { CommandsDialog } from './commands-dialog';
import { DesignerHeader } from './designer-header';
import { EmptyCanvas } from './empty-canvas';
import { FindDialog } from './find-dialog';
import { HelpDialog } from './help-dialog';
import { HistoryBar } from './history-bar';
import { InsertDialog } from './insert-dialog';
import { LevelCrumbs } from './level-crumbs';
import { Palette } from './palette';
import { ProblemsDock } from './problems-dock';
import { PropertiesPanel } from './properties-panel';
import { Tour } from './tour';
import { VariablesDock } from './variables-dock';
import { TraceBar } from './trace-bar';
import { DropZone } from '../interchange/drop-zone';
import { ImportDialog } from '../interchange/import-dialog';
import { LockBar } from '../presence/lock-bar';
import { ConflictDialog } from '../versions/conflict-dialog';
import { PublishDialog } from '../versions/publish-dialog';
import { VersionsDrawer } from '../versions/versions-drawer';
import classes from './workspace.module.css';

const SETTLE_MS = 320;

export function Workspace({ canvas }: { canvas: RefObject<CanvasApi | null> }) {
  const [trial] = useState(createTrial);
  return (
    <TrialContext value={trial}>
      <Places canvas={canvas} />
    </TrialContext>
  );
}

function Places({ canvas }: { canvas: RefObject<CanvasApi | null> }) {
  const trial = useTrial();
  const { context } = useSession();
  const { types, items } = useCatalog();
  const doc = useDocument();
  const problems = useProblems();
  const selection = useDesigner((state) => state.selection);
  const select = useDesigner((state) => state.select);
  const settling = useUi((state) => state.settling);
  const editing = useCanvasEditing(context, items);
  const seen = useSeen();
  const folding = useFolding();
  const trace = useTrace();
  const marks = useMemo(() => marksOnFolds(marksFrom(problems, doc), doc, seen), [problems, doc, seen]);
  useShortcuts(context);
  useLiveCheck();

  useEffect(() => {
    if (!settling) return;
    const timer = setTimeout(() => {
      context.ui.setState({ settling: false });
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [settling, doc, context]);

  return (
    <div className={classes.workspace} data-settling={settling ? 'true' : undefined}>
      <DesignerHeader />
      {!context.readOnly && <Palette />}
      <div className={classes.middle}>
        <LockBar />
        <DropZone className={classes.canvas}>
          <ProcessCanvas
            graph={seen}
            nodeTypes={types}
            selection={selection}
            onSelect={select}
            readOnly={context.readOnly}
            marks={marks}
            runState={trial.runState}
            editing={editing}
            folding={folding}
            trace={trace}
            apiRef={canvas}
          >
            {doc.nodes.length === 0 && <EmptyCanvas />}
            <LevelCrumbs />
            <TraceBar />
            <HistoryBar />
          </ProcessCanvas>
        </DropZone>
        <TestDock />
        <VariablesDock />
        <ProblemsDock />
      </div>
      <PropertiesPanel />
      <CanvasMenu />
      <InsertDialog />
      <PublishDialog />
      <TestDialog />
      <RunOnCanvas />
      <ConflictDialog />
      <HelpDialog />
      <CommandsDialog />
      <FindDialog />
      <ImportDialog />
      <Tour />
      <VersionsDrawer />
    </div>
  );
}
