// How every state looks: one tone and one icon per state, the same on cards, in trees, lists and pills.
import {
  IconAlertTriangle, IconArrowForwardUp, IconBan, IconCalendarTime, IconCircleCheckFilled, IconCircleDashed,
  IconCircleXFilled, IconClock, IconHourglassHigh, IconLoader2, IconPlayerPause, IconRefresh, type Icon,
} from '@tabler/icons-react';

import type { Tone } from './pill';

export interface StateLook {
  tone: Exclude<Tone, 'accent'>;
  icon: Icon;
  spin?: boolean;
}

const looks: Record<string, StateLook> = {
  scheduled: { tone: 'wait', icon: IconCalendarTime },
  waiting: { tone: 'wait', icon: IconHourglassHigh },
  suspended: { tone: 'wait', icon: IconPlayerPause },
  ready: { tone: 'idle', icon: IconClock },
  queued: { tone: 'idle', icon: IconClock },
  running: { tone: 'active', icon: IconLoader2, spin: true },
  retrying: { tone: 'active', icon: IconRefresh },
  cancelling: { tone: 'active', icon: IconBan },
  incident: { tone: 'bad', icon: IconCircleXFilled },
  failed: { tone: 'bad', icon: IconCircleXFilled },
  completed: { tone: 'ok', icon: IconCircleCheckFilled },
  skipped: { tone: 'idle', icon: IconArrowForwardUp },
  cancelled: { tone: 'idle', icon: IconBan },
  pending: { tone: 'idle', icon: IconCircleDashed },
};

const unknown: StateLook = { tone: 'idle', icon: IconAlertTriangle };

export function lookOf(state: string): StateLook {
  return looks[state] ?? unknown;
}
