// Whether the map of a large graph is shown: only to those who don't see everything, and folded where they folded it.

import { useStore } from '@xyflow/react';
import { useMemo, useState } from 'react';

import { boundsOf } from '../graph/geometry';
import type { GraphDocument } from '../graph/types';
import { NARROW } from './first-view';
import { holds, seenPart } from './minimap';

const NAME = 'taskurotta-canvas-map';
const FROM_NODES = 24;
const UP_TO_NODES = 800;

export interface CanvasMap {
  opened: boolean;
  toggle: () => void;
}

function kept(): boolean | undefined {
  try {
    const value = window.localStorage.getItem(NAME);
    return value === null ? undefined : value === 'open';
  } catch {
    return undefined;
  }
}

function keep(opened: boolean): void {
  try {
    window.localStorage.setItem(NAME, opened ? 'open' : 'folded');
  } catch {
    // Without a storage the map is as wide canvases have it the next time.
  }
}

/** undefined: there is nothing that a map would show. */
export function useMap(graph: GraphDocument): CanvasMap | undefined {
  const [chosen, setChosen] = useState(kept);
  const count = graph.nodes.length;
  const bounds = useMemo(() => (count < FROM_NODES || count > UP_TO_NODES ? undefined : boundsOf(graph)), [graph, count]);
  const useful = useStore((state) => bounds !== undefined && !holds(seenPart(state), bounds));
  // On a narrow canvas the map is folded until somebody opens it.
  const roomy = useStore((state) => state.width > NARROW);
  if (!useful) return undefined;
  const opened = chosen ?? roomy;
  return {
    opened,
    toggle: () => {
      setChosen(!opened);
      keep(!opened);
    },
  };
}
