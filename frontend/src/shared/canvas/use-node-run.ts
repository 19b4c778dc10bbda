// Narrow readings of what happens: one card hears only of its own node.

import { useStore } from 'zustand';

import { useCanvas, type Mark } from './canvas-context';
import type { NodeRun } from './run-state';

export function useNodeRun(id: string): NodeRun | undefined {
  return useStore(useCanvas().runState, (state) => state.nodes[id]);
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
