// Several things at once: what can be done with them together.

import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useDesigner, useSession } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import { KeyHint } from '../components/key-hint';
import classes from './panel.module.css';

const ACTIONS = ['copy', 'cut', 'duplicate', 'delete'];

export function ManyPanel() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const selection = useDesigner((state) => state.selection);
  return (
    <>
      <header className={classes.header}>
        <b>{t('panel.many', { count: selection.nodes.length })}</b>
      </header>
      <Stack gap={6} px={16}>
        {ACTIONS.map((id) => (
          <Button
            key={id}
            variant="default"
            justify="space-between"
            rightSection={<KeyHint action={id} />}
            disabled={!actionById(id).enabled(context)}
            onClick={() => {
              actionById(id).run(context);
            }}
          >
            {t(`action.${id}`)}
          </Button>
        ))}
      </Stack>
    </>
  );
}
