// Nothing is selected: the definition as a whole, and the few keys worth knowing.

import { ScrollArea } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { isTask } from '@/shared/graph/kinds';
import { startOf } from '@/shared/graph/query';
import { titleOf } from '@/shared/schema-form/schema';

import { useDocument, useSession } from '../hooks/designer-context';
import { readFields } from '../model/input-fields';
import { RunningVersions } from '../versions/running-versions';
import { KeyHint } from '../components/key-hint';
import classes from './panel.module.css';
import { TourOffer } from './tour-offer';

const TIPS = ['insert', 'add_next', 'walk_right', 'open', 'rename', 'connect', 'undo', 'commands', 'help'];

export function OverviewPanel() {
  const { t, i18n } = useTranslation('designer');
  const { definition, title, latest, context } = useSession();
  const doc = useDocument();
  const start = startOf(doc);
  const fields = readFields(start?.start?.input_schema);
  const steps = doc.nodes.filter((node) => isTask(node.kind)).length;
  return (
    <>
      <header className={classes.header}>
        <div className={classes.names}>
          <b>{title}</b>
          <div className={classes.sub}>{definition}</div>
        </div>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        <div className={classes.body} data-panel-body>
          <TourOffer />
          <dl className={classes.facts}>
            <dt>{t('overview.version')}</dt>
            <dd>{latest === 0 ? t('header.never_published') : `v${latest}`}</dd>
            <dt>{t('overview.steps')}</dt>
            <dd>{steps}</dd>
            <dt>{t('overview.input')}</dt>
            <dd>{fields.length === 0 ? t('overview.no_input') : fields.map((field) => titleOf(field.schema, field.name, i18n.language)).join(', ')}</dd>
          </dl>
          <RunningVersions />
          {!context.readOnly && (
            <>
              <h4 className={classes.section}>{t('overview.keys')}</h4>
              <dl className={classes.facts}>
                {TIPS.map((id) => (
                  <FactRow key={id} name={t(`action.${id}`)} action={id} />
                ))}
              </dl>
            </>
          )}
        </div>
      </ScrollArea>
    </>
  );
}

function FactRow({ name, action }: { name: string; action: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <KeyHint action={action} />
      </dd>
    </>
  );
}
