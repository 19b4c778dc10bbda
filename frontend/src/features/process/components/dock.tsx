import { useTranslation } from 'react-i18next';

import type { GraphDocument } from '@/shared/graph/types';
import type { LiveProcess } from '@/shared/run/live-process';
import { Tabs } from '@/shared/ui/tabs';

import type { Selection } from '../hooks/use-selection';
import { dockTabs } from '../model/view-state';
import { AuditTab } from './audit-tab';
import classes from './dock.module.css';
import { EventsTab } from './events-tab';
import { Timeline, TimelineCaption } from './timeline';

interface DockProps {
  live: LiveProcess;
  document: GraphDocument;
  selection: Selection;
}

export function Dock({ live, document, selection }: DockProps) {
  const { t } = useTranslation('process');
  return (
    <section className={classes.dock} aria-label={t('dock.label')}>
      <Tabs
        label={t('dock.label')}
        value={selection.tab}
        onChange={selection.selectTab}
        tabs={dockTabs.map((tab) => ({ value: tab, label: t(`dock.${tab}`) }))}
        aside={selection.tab === 'timeline' ? <TimelineCaption process={live.process} /> : undefined}
      />
      <div className={classes.body} role="tabpanel">
        {selection.tab === 'timeline' && <Timeline live={live} document={document} selection={selection} />}
        {selection.tab === 'events' && <EventsTab live={live} document={document} selection={selection} />}
        {selection.tab === 'audit' && <AuditTab processId={live.process.id} />}
      </div>
    </section>
  );
}
