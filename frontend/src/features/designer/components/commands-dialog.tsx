// Every action that is possible now, found by typing: the registry again, for those who don't know the keys yet.

import { Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession, useUi } from '../hooks/designer-context';
import { rank } from '../model/fuzzy';
import { ACTIONS } from '../model/registry';
import { ActionTile } from './action-tile';
import { KeyHint } from './key-hint';
import { RowList, type Row } from './row-list';

const HIDDEN = new Set(['commands', 'leave', 'walk_left', 'walk_right', 'walk_up', 'walk_down', 'extend_left', 'extend_right', 'extend_up', 'extend_down']);

export function CommandsDialog() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const opened = useUi((state) => state.dialog === 'commands');
  const close = (): void => {
    context.ui.setState({ dialog: undefined });
  };
  return (
    <Modal opened={opened} onClose={close} withCloseButton={false} padding={0} size={560} overlayProps={{ backgroundOpacity: 0.18 }} shadow="xl" yOffset="14vh" centered={false} attributes={{ content: { 'aria-label': t('action.commands') } }} data-testid="commands-dialog">
      <Commands onClose={close} />
    </Modal>
  );
}

function Commands({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation('designer');
  const { context } = useSession();
  const [query, setQuery] = useState('');
  const other = i18n.getFixedT(i18n.language.startsWith('ru') ? 'en' : 'ru', 'designer');
  const possible = ACTIONS.filter((action) => !HIDDEN.has(action.id) && action.enabled(context));
  const found = rank(query, possible, (action) => [t(`action.${action.id}`), other(`action.${action.id}`), t(`help.${action.group}`)]);
  const rows = found.map(
    (action): Row => ({
      id: action.id,
      section: query === '' ? t(`help.${action.group}`) : '',
      title: t(`action.${action.id}`),
      detail: '',
      tile: <ActionTile group={action.group} />,
      aside: <KeyHint action={action.id} />,
      pick: () => {
        onClose();
        // The dialog gives the keyboard back first: what the action opens then takes it.
        setTimeout(() => {
          action.run(context);
        }, 30);
      },
    }),
  );
  const sections = [...new Set(rows.map((row) => row.section))];
  return (
    <RowList
      rows={query === '' ? sections.flatMap((section) => rows.filter((row) => row.section === section)) : rows}
      query={query}
      setQuery={setQuery}
      placeholder={t('commands.placeholder')}
      hint={t('commands.hint')}
      empty={t('commands.nothing')}
      enter={t('commands.enter')}
    />
  );
}
