// The badge on a card's corner: the state's icon, and how many tasks or which attempt.

import {
  IconArrowForwardUp, IconCheck, IconClock, IconHourglass, IconLoader2, IconRefresh, IconSlash, IconX, type TablerIcon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { toneOf, type NodeRun, type RunNodeState } from './run-state';

const ICONS: Readonly<Record<RunNodeState, TablerIcon>> = {
  waiting: IconHourglass,
  ready: IconClock,
  queued: IconClock,
  running: IconLoader2,
  retrying: IconRefresh,
  incident: IconX,
  completed: IconCheck,
  failed: IconX,
  skipped: IconArrowForwardUp,
  cancelled: IconSlash,
};

function numberOn(run: NodeRun): string {
  if (run.state === 'retrying' && run.attempt !== undefined) {
    return run.maxAttempts === undefined ? String(run.attempt) : `${String(run.attempt)}/${String(run.maxAttempts)}`;
  }
  const count = run.counts?.[run.state] ?? 1;
  const total = Object.values(run.counts ?? {}).reduce((sum, each) => sum + each, 0);
  return total > 1 ? String(count) : '';
}

export function StatusBadge({ run }: { run: NodeRun }) {
  const { t } = useTranslation('designer');
  const Icon = ICONS[run.state];
  const number = numberOn(run);
  return (
    <span className={`tkc-badge tkc-badge-${toneOf(run.state)}`} title={t(`common:state.${run.state}`)}>
      <Icon className={run.state === 'running' ? 'tkc-spin' : undefined} size={12} stroke={3} aria-hidden />
      {number !== '' && <span>{number}</span>}
    </span>
  );
}
