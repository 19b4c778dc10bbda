// Far away, cards lose what can't be read: below half size their second lines, below a quarter everything but a rectangle.

import { useStore } from '@xyflow/react';

export type LevelOfDetail = 'full' | 'less' | 'shape';

export function levelOfDetail(zoom: number): LevelOfDetail {
  if (zoom < 0.25) return 'shape';
  return zoom < 0.5 ? 'less' : 'full';
}

export function useLevelOfDetail(): LevelOfDetail {
  return useStore((state) => levelOfDetail(state.transform[2]));
}
