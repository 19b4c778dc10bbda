// Narrow readings of what happens: one card hears only of its own node.

import { useStore } from 'zustand';

import { useCanvas, type Mark } from './canvas-context';
import type { NodeRun } from './run-state';
import type { TraceMark } from './trace';

export function useNodeRun(id: string): NodeRun | undefined {
  return useStore(useCanvas().runState, (state) => state.nodes[id]);
}

export function usePinned(id: string): boolean {
  return useStore(useCanvas().runState, (state) => state.pinned.has(id));
}

export function useMark(id: string): Mark | undefined {
  return useStore(useCanvas().marks, (state) => state.nodes[id]);
}

export function useEdgeTaken(id: string): boolean {
  return useStore(useCanvas().runState, (state) => state.takenEdges.has(id));
}

export function useEdgePulse(id: string): boolean {
  return useStore(useCanvas().pulses, (state) => state.edges.has(id));
}

/** How a flow stands in the path that is shown, and how often it was taken. */
export function useTraceMark(id: string): TraceMark | undefined {
  return useStore(useCanvas().trace, (state) => state.edges[id]);
}

export function useTraceCount(id: string): number {
  return useStore(useCanvas().trace, (state) => state.counts[id] ?? 0);
}

export function useIsGoal(id: string): boolean {
  return useStore(useCanvas().trace, (state) => state.node === id);
}
