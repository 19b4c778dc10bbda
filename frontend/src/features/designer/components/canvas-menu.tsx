// The menu under the right mouse button: actions of the registry that make sense there.

import { Menu, Portal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useSession, useUi } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import classes from './canvas-menu.module.css';
import { KeyHint } from './key-hint';

const ON_NODE = ['insert', 'connect', 'rename', '-', 'cut', 'copy', 'duplicate', '-', 'delete', 'delete_break'];
const ON_EDGE = ['insert', 'open', '-', 'delete'];
const ON_CANVAS = ['insert', 'paste', '-', 'select_all', 'tidy', 'fit'];

export function CanvasMenu() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const menu = useUi((state) => state.menu);
  if (menu === undefined) return null;
  const ids = menu.node !== undefined ? ON_NODE : menu.edge !== undefined ? ON_EDGE : ON_CANVAS;
  const close = (): void => {
    context.ui.setState({ menu: undefined });
  };
  return (
    <Menu opened onChange={close} position="right-start" withinPortal width={240} offset={0} trapFocus>
      <Menu.Target>
        <Portal>
          <span className={classes.anchor} style={{ left: menu.at.x, top: menu.at.y }} />
        </Portal>
      </Menu.Target>
      <Menu.Dropdown>
        {ids.map((id, index) =>
          id === '-' ? (
            <Menu.Divider key={`separator-${index}`} />
          ) : (
            <Menu.Item
              key={id}
              disabled={!actionById(id).enabled(context)}
              color={id.startsWith('delete') ? 'red' : undefined}
              rightSection={<KeyHint action={id} />}
              onClick={() => {
                if (id === 'insert' && menu.node === undefined && menu.edge === undefined) {
                  const at = context.canvas()?.toCanvas(menu.at);
                  context.ui.setState({ insert: { where: 'point', at: at ?? { x: 0, y: 0 } } });
                } else {
                  actionById(id).run(context);
                }
                close();
              }}
            >
              {t(`action.${id}`)}
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
