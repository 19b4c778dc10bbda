import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';

import type { ProcessGraph } from '@/shared/api/types';
import type { CanvasSelection } from '@/shared/canvas/canvas-context';
import { ProcessCanvas } from '@/shared/canvas/process-canvas';
import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import type { NodeTypeMap } from '@/shared/graph/node-type';
import { useLiveState } from '@/shared/live/live-provider';
import type { LiveProcess } from '@/shared/run/live-process';
import { useRunState } from '@/shared/run/use-run-state';
import { usePhone } from '@/shared/ui/use-phone';

import { useSelection } from '../hooks/use-selection';
import { CalledDetails } from './called-details';
import { DetailsPanel } from './details-panel';
import { Dock } from './dock';
import { GuideBar } from './guide-bar';
import { Dialogs, type Operation } from './operation-dialogs';
import { ProcessHeader } from './process-header';
import classes from './process-view.module.css';
import { TaskTree } from './task-tree';

interface ProcessViewProps {
  live: LiveProcess;
  graph: ProcessGraph;
}

/** Tree, graph, timeline and details of one process: four views of one selection. */
export function ProcessView({ live, graph }: ProcessViewProps) {
  const selection = useSelection(live);
  const { phase } = useLiveState();
  const stale = phase === 'lost' || live.resyncing;
  const runState = useRunState(live, graph.document, stale);
  const [operation, setOperation] = useState<Operation>();
  const nodeTypes = useMemo<NodeTypeMap>(
    () => Object.fromEntries(graph.node_types.map((type) => [type.type, type])),
    [graph.node_types],
  );
  const onCanvas = useMemo<CanvasSelection>(
    () => ({ nodes: selection.node === undefined ? [] : [selection.node], edges: [] }),
    [selection.node],
  );
  const canvas = useRef<CanvasApi>(null);
  // What is picked on the graph stays where it is; what is picked elsewhere comes into sight.
  const picked = useRef<string>(undefined);
  useEffect(() => {
    if (selection.node !== undefined && selection.node !== picked.current) canvas.current?.show(selection.node);
    picked.current = undefined;
  }, [selection.node]);
  return (
    <div className={classes.page} data-stale={stale || undefined} data-testid="process-page">
      <ProcessHeader live={live} selection={selection} onOperate={setOperation} />
      <GuideBar process={live.process.id} state={live.process.state} />
      <Arranged
        tree={<TaskTree live={live} document={graph.document} selection={selection} stale={stale} />}
        graph={
          <ProcessCanvas
            graph={graph.document}
            nodeTypes={nodeTypes}
            selection={onCanvas}
            onSelect={(next) => {
              picked.current = next.nodes[0];
              selection.selectNode(next.nodes[0]);
            }}
            runState={runState}
            readOnly
            apiRef={canvas}
          />
        }
        dock={<Dock live={live} document={graph.document} selection={selection} />}
        details={
          selection.process === undefined ? (
            <DetailsPanel live={live} graph={graph} selection={selection} onOperate={setOperation} />
          ) : (
            <CalledDetails key={selection.process} processId={selection.process} selection={selection} />
          )
        }
      />
      <Dialogs
        operation={operation}
        live={live}
        graph={graph}
        onClose={() => {
          setOperation(undefined);
        }}
      />
    </div>
  );
}

interface Views {
  tree: ReactNode;
  graph: ReactNode;
  dock: ReactNode;
  details: ReactNode;
}

/** Side by side, as wide as people want them; on a phone one below the other. */
function Arranged({ tree, graph, dock, details }: Views) {
  const phone = usePhone();
  // The graph needs its room: where there is little, the columns beside it begin narrower.
  const little = useMediaQuery('(max-width: 1180px)', false, { getInitialValueInEffect: false });
  if (phone) {
    return (
      <div className={classes.column} data-testid="process-column">
        <div className={classes.tall}>{tree}</div>
        <div className={classes.tall}>{graph}</div>
        <div className={classes.rest}>{details}</div>
        <div className={classes.low}>{dock}</div>
      </div>
    );
  }
  return (
    <Group orientation="horizontal" className={classes.group} id="process-columns">
      <Panel id="tree" defaultSize={little ? 272 : 328} minSize={240} className={classes.side}>
        {tree}
      </Panel>
      <Separator className={classes.separator} />
      <Panel id="centre" minSize={320}>
        <Group orientation="vertical" className={classes.group} id="process-rows">
          <Panel id="graph" minSize={160} className={classes.canvas}>
            {graph}
          </Panel>
          <Separator className={classes.separatorFlat} />
          <Panel id="dock" defaultSize={212} minSize={44}>
            {dock}
          </Panel>
        </Group>
      </Panel>
      <Separator className={classes.separator} />
      <Panel id="details" defaultSize={little ? 296 : 356} minSize={280} className={classes.side}>
        {details}
      </Panel>
    </Group>
  );
}
