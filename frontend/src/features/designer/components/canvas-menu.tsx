// The menu under the right mouse button: actions of the registry that make sense there.

import { Menu, Portal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { CanvasTarget } from '@/shared/canvas/canvas-context';

import { useDesigner, useSession, useUi } from '../hooks/designer-context';
import { putNote } from '../model/remark-actions';
import { actionById } from '../model/registry';
import { ColorRow } from './color-row';
import classes from './canvas-menu.module.css';
import { KeyHint } from './key-hint';

const ON_NODE = ['open', 'insert', 'connect', 'replace', 'rename', 'fold', '-', 'cut', 'copy', 'duplicate', 'frame', '-', 'delete', 'delete_break'];
const ON_SEVERAL = [
  'align_left', 'align_centre', 'align_right', 'align_top', 'align_middle', 'align_bottom', 'distribute_x', 'distribute_y', '-',
  'tidy', 'frame', '-', 'cut', 'copy', 'duplicate', '-', 'delete', 'delete_break',
];
const ON_EDGE = ['insert', 'open', '-', 'delete'];
const ON_NOTE = ['rename', 'color', '-', 'cut', 'copy', 'duplicate', '-', 'delete'];
const ON_FRAME = ['fold', 'rename', 'color', '-', 'copy', 'duplicate', '-', 'unframe'];
const ON_CANVAS = ['insert', 'add_note', 'paste', '-', 'select_all', 'find', 'tidy', 'fit', 'up_level', '-', 'import', 'export_bpmn', 'export_json', 'export_svg', 'export_png'];

/** Actions that need something of their own are left out where they can't ever run, others are shown dimmed. */
const ONLY_WHEN_POSSIBLE = new Set(['fold', 'unframe', 'up_level', 'replace', 'connect', 'frame']);

function idsFor(target: CanvasTarget, several: boolean): readonly string[] {
  if (target.note !== undefined) return ON_NOTE;
  if (target.frame !== undefined) return ON_FRAME;
  if (target.edge !== undefined) return ON_EDGE;
  if (target.node === undefined) return ON_CANVAS;
  return several ? ON_SEVERAL : ON_NODE;
}

export function CanvasMenu() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const menu = useUi((state) => state.menu);
  const several = useDesigner((state) => state.selection.nodes.length > 1);
  if (menu === undefined) return null;
  const close = (): void => {
    context.ui.setState({ menu: undefined });
  };
  const run = (id: string): void => {
    const free = menu.node === undefined && menu.edge === undefined;
    if (free && (id === 'insert' || id === 'add_note')) {
      const at = context.canvas()?.toCanvas(menu.at) ?? { x: 0, y: 0 };
      if (id === 'insert') context.ui.setState({ insert: { where: 'point', at } });
      else putNote(context, at);
    } else {
      actionById(id).run(context);
    }
    close();
  };
  const shown = idsFor(menu, several).filter((id) => id === '-' || id === 'color' || !ONLY_WHEN_POSSIBLE.has(id) || actionById(id).enabled(context));
  const ids = shown.filter((id, index) => id !== '-' || (shown[index - 1] !== '-' && index > 0 && index < shown.length - 1));
  return (
    <Menu opened onChange={close} position="right-start" withinPortal width={260} offset={0} trapFocus>
      <Menu.Target>
        <Portal>
          <span className={classes.anchor} style={{ left: menu.at.x, top: menu.at.y }} />
        </Portal>
      </Menu.Target>
      <Menu.Dropdown data-testid="canvas-menu">
        {ids.map((id, index) =>
          id === '-' ? (
            <Menu.Divider key={`separator-${index}`} />
          ) : id === 'color' ? (
            <ColorRow key={id} note={menu.note} frame={menu.frame} onPick={close} />
          ) : (
            <Menu.Item
              key={id}
              data-testid={`menu-${id}`}
              disabled={!actionById(id).enabled(context)}
              color={id.startsWith('delete') ? 'red' : undefined}
              rightSection={<KeyHint action={id} />}
              onClick={() => {
                run(id);
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
