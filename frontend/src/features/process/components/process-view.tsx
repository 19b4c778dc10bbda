import { useMemo, useState } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';

import type { ProcessGraph } from '@/shared/api/types';
import type { CanvasSelection } from '@/shared/canvas/canvas-context';
import { ProcessCanvas } from '@/shared/canvas/process-canvas';
import type { NodeTypeMap } from '@/shared/graph/node-type';
import { useLiveState } from '@/shared/live/live-provider';
import type { LiveProcess } from '@/shared/run/live-process';
import { useRunState } from '@/shared/run/use-run-state';

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
  return (
    <div className={classes.page} data-stale={stale || undefined} data-testid="process-page">
      <ProcessHeader live={live} selection={selection} onOperate={setOperation} />
      <GuideBar process={live.process.id} state={live.process.state} />
      <Group orientation="horizontal" className={classes.group} id="process-columns">
        <Panel id="tree" defaultSize={328} minSize={240} className={classes.side}>
          <TaskTree live={live} document={graph.document} selection={selection} stale={stale} />
        </Panel>
        <Separator className={classes.separator} />
        <Panel id="centre" minSize={320}>
          <Group orientation="vertical" className={classes.group} id="process-rows">
            <Panel id="graph" minSize={160} className={classes.canvas}>
              <ProcessCanvas
                graph={graph.document}
                nodeTypes={nodeTypes}
                selection={onCanvas}
                onSelect={(next) => {
                  selection.selectNode(next.nodes[0]);
                }}
                runState={runState}
                readOnly
              />
            </Panel>
            <Separator className={classes.separatorFlat} />
            <Panel id="dock" defaultSize={212} minSize={44}>
              <Dock live={live} document={graph.document} selection={selection} />
            </Panel>
          </Group>
        </Panel>
        <Separator className={classes.separator} />
        <Panel id="details" defaultSize={356} minSize={280} className={classes.side}>
          {selection.process === undefined ? (
            <DetailsPanel live={live} graph={graph} selection={selection} onOperate={setOperation} />
          ) : (
            <CalledDetails key={selection.process} processId={selection.process} selection={selection} />
          )}
        </Panel>
      </Group>
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
