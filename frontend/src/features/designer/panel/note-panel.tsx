// A note: its text and its colour.

import { ScrollArea, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { updateNote } from '@/shared/graph/remarks';
import type { Note } from '@/shared/graph/types';

import { ColorRow } from '../components/color-row';
import { useSession } from '../hooks/designer-context';
import classes from './panel.module.css';

export function NotePanel({ note }: { note: Note }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  return (
    <>
      <header className={classes.header}>
        <b>{t('note.label')}</b>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        <fieldset disabled={context.readOnly} className={classes.fields}>
          <div className={classes.body} data-panel-body>
            <Textarea
              label={t('note.text')}
              description={t('note.hint')}
              autosize
              minRows={6}
              maxRows={24}
              maxLength={20_000}
              value={note.text}
              onBlur={() => {
                context.store.getState().endTyping();
              }}
              onChange={(event) => {
                const { doc, edit } = context.store.getState();
                edit({ label: { key: 'step.write_note' }, doc: updateNote(doc, note.id, { text: event.currentTarget.value }), typing: `note ${note.id}` });
              }}
            />
            <div>
              <h4 className={classes.section}>{t('color.label')}</h4>
              <ColorRow note={note.id} frame={undefined} />
            </div>
          </div>
        </fieldset>
      </ScrollArea>
    </>
  );
}
