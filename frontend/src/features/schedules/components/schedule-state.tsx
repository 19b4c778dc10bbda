import { IconAlertTriangle, IconArchive, IconCalendarTime, IconPlayerPause, type Icon } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { Pill, type Tone } from '@/shared/ui/pill';

import type { ScheduleState as State } from '../model/search';

const looks: Record<State, { tone: Tone; icon: Icon }> = {
  active: { tone: 'ok', icon: IconCalendarTime },
  paused: { tone: 'wait', icon: IconPlayerPause },
  stopped: { tone: 'bad', icon: IconAlertTriangle },
  retired: { tone: 'idle', icon: IconArchive },
};

export function ScheduleState({ state }: { state: State }) {
  const { t } = useTranslation('schedules');
  const { tone, icon: StateIcon } = looks[state];
  return (
    <Pill tone={tone} icon={<StateIcon size={13} stroke={2.2} aria-hidden />} data-state={state}>
      {t(`state.${state}`)}
    </Pill>
  );
}
