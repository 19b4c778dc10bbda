// All actions with their keys, from the registry that runs them.

import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useSession, useUi } from '../hooks/designer-context';
import type { ActionGroup } from '../model/action';
import { ACTIONS } from '../model/registry';
import classes from './help-dialog.module.css';
import { Keys } from './key-hint';

const GROUPS: readonly ActionGroup[] = ['insert', 'edit', 'arrange', 'history', 'walk', 'view', 'document'];
const MOUSE = ['pan', 'zoom', 'marquee', 'add', 'wire', 'splice', 'enter'];

export function HelpDialog() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const opened = useUi((state) => state.dialog === 'help');
  return (
    <Modal
      opened={opened}
      onClose={() => {
        context.ui.setState({ dialog: undefined });
      }}
      title={t('help.title')}
      size={900}
    >
      <div className={classes.groups}>
        {GROUPS.map((group) => (
          <section key={group} className={classes.group}>
            <h3 className={classes.title}>{t(`help.${group}`)}</h3>
            {ACTIONS.filter((action) => action.group === group).map((action) => (
              <div key={action.id} className={classes.row}>
                <span>{t(`action.${action.id}`)}</span>
                <span className={classes.keys}>
                  {action.keys.map((keys) => (
                    <Keys key={keys} keys={keys} />
                  ))}
                </span>
              </div>
            ))}
          </section>
        ))}
        <section className={classes.group}>
          <h3 className={classes.title}>{t('help.mouse')}</h3>
          {MOUSE.map((name) => (
            <div key={name} className={classes.row}>
              <span>{t(`help.mouse_${name}`)}</span>
              <span className={classes.how}>{t(`help.how_${name}`)}</span>
            </div>
          ))}
        </section>
      </div>
    </Modal>
  );
}
