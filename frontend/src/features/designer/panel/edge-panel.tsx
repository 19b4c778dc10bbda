// One flow: from where to where, its label, and when it is taken.

import { ScrollArea, Switch, TextInput } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { isChoice } from '@/shared/graph/kinds';
import { nodeById } from '@/shared/graph/query';
import type { GraphEdge } from '@/shared/graph/types';

import { useDocument, useSession } from '../hooks/designer-context';
import { useEdgeEdit } from '../hooks/use-edit';
import { FieldFrame } from '../fields/field-frame';
import { ConditionField } from './condition-field';
import classes from './panel.module.css';

export function EdgePanel({ edge }: { edge: GraphEdge }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const doc = useDocument();
  const { change, endTyping } = useEdgeEdit(edge.id);
  const from = nodeById(doc, edge.from);
  const to = nodeById(doc, edge.to);
  const choice = isChoice(from?.kind);
  const name = (node: typeof from): string => (node === undefined ? '' : node.title === '' ? t(`kind.${node.kind}`) : node.title);
  return (
    <>
      <header className={classes.header}>
        <div className={classes.names}>
          <b>{t('edge.flow')}</b>
          <div className={classes.sub}>
            {name(from)} <IconArrowRight size={12} /> {name(to)}
          </div>
        </div>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        <fieldset disabled={context.readOnly} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <div className={classes.body} data-panel-body>
            {choice && (
              <>
                <FieldFrame field="/default" owner={{ edge: edge.id }} label={t('edge.when')}>
                  <Switch
                    size="sm"
                    checked={edge.default === true}
                    label={t('edge.is_default')}
                    onChange={(event) => {
                      change({ key: 'step.default', params: { title: name(to) } }, { default: event.currentTarget.checked });
                    }}
                  />
                </FieldFrame>
                {edge.default !== true && <ConditionField edge={edge} />}
              </>
            )}
            <FieldFrame field="/title" owner={{ edge: edge.id }} label={t('edge.title')}>
              <TextInput
                aria-label={t('edge.title')}
                value={edge.title ?? ''}
                maxLength={80}
                onBlur={endTyping}
                onChange={(event) => {
                  change({ key: 'step.label_edge' }, { title: event.currentTarget.value }, '/title');
                }}
              />
            </FieldFrame>
          </div>
        </fieldset>
      </ScrollArea>
    </>
  );
}
