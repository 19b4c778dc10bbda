// A frame: its title, its colour, what it holds.

import { Button, ScrollArea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { nodeById } from '@/shared/graph/query';
import { updateFrame } from '@/shared/graph/remarks';
import type { Frame } from '@/shared/graph/types';

import { ColorRow } from '../components/color-row';
import { NodeTile } from '../components/item-tile';
import { KeyHint } from '../components/key-hint';
import { useCatalog, useDocument, useSession } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import { selectNode } from '../model/view-actions';
import classes from './panel.module.css';

export function FramePanel({ frame }: { frame: Frame }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const doc = useDocument();
  const nodes = frame.nodes.flatMap((id) => nodeById(doc, id) ?? []);
  return (
    <>
      <header className={classes.header}>
        <b>{t('frame.label')}</b>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        <fieldset disabled={context.readOnly} className={classes.fields}>
          <div className={classes.body} data-panel-body>
            <TextInput
              label={t('frame.title')}
              placeholder={t('frame.untitled')}
              maxLength={120}
              value={frame.title}
              onBlur={() => {
                context.store.getState().endTyping();
              }}
              onChange={(event) => {
                const { doc: current, edit } = context.store.getState();
                const title = event.currentTarget.value;
                edit({ label: { key: 'step.rename', params: { title } }, doc: updateFrame(current, frame.id, { title }), typing: `frame ${frame.id}` });
              }}
            />
            <div>
              <h4 className={classes.section}>{t('color.label')}</h4>
              <ColorRow note={undefined} frame={frame.id} />
            </div>
            <h4 className={classes.section}>{t('frame.steps', { count: nodes.length })}</h4>
            {nodes.map((node) => (
              <button
                key={node.id}
                type="button"
                className={classes.member}
                onClick={() => {
                  selectNode(context, node.id);
                }}
              >
                <NodeTile node={node} type={types[node.service?.type ?? '']} size={22} /> {node.title === '' ? t(`kind.${node.kind}`) : node.title}
              </button>
            ))}
            <p className={classes.note}>{t('frame.hint')}</p>
            {['fold', 'unframe'].map((id) => (
              <Button
                key={id}
                variant="default"
                justify="space-between"
                rightSection={<KeyHint action={id} />}
                onClick={() => {
                  actionById(id).run(context);
                }}
              >
                {t(`action.${id}`)}
              </Button>
            ))}
          </div>
        </fieldset>
      </ScrollArea>
    </>
  );
}
