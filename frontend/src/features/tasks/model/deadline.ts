import type { Tone } from '@/shared/ui/pill';

const day = 24 * 60 * 60 * 1000;

/** How near a deadline is: past it is bad, within a day it is to be watched. */
export function deadlineTone(due: string, now: number): Tone {
  const left = Date.parse(due) - now;
  if (left < 0) return 'bad';
  return left < day ? 'wait' : 'idle';
}
