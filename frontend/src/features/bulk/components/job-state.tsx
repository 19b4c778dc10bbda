import { useTranslation } from 'react-i18next';

import type { BulkJob } from '@/shared/api/types';
import { Pill, type Tone } from '@/shared/ui/pill';

const tones: Record<BulkJob['state'], Tone> = { draft: 'idle', running: 'active', aborting: 'wait', aborted: 'wait', finished: 'ok' };

export function JobState({ state }: { state: BulkJob['state'] }) {
  const { t } = useTranslation('bulk');
  return (
    <Pill tone={tones[state]} data-testid="bulk-state" data-state={state}>
      {t(`state.${state}`)}
    </Pill>
  );
}
