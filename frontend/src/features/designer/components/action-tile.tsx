// The icon of a group of actions.

import { IconArrowsMove, IconEdit, IconEye, IconFileDescription, IconHistory, IconLayoutAlignMiddle, IconPlus, type TablerIcon } from '@tabler/icons-react';
import { createElement } from 'react';

import type { ActionGroup } from '../model/action';
import classes from './item-tile.module.css';

const ICONS: Readonly<Record<ActionGroup, TablerIcon>> = {
  insert: IconPlus,
  edit: IconEdit,
  arrange: IconLayoutAlignMiddle,
  history: IconHistory,
  walk: IconArrowsMove,
  view: IconEye,
  document: IconFileDescription,
};

export function ActionTile({ group }: { group: ActionGroup }) {
  return (
    <span className={`${classes.tile ?? ''} tkc-tint-slate`} style={{ width: 28, height: 28, borderRadius: 8 }}>
      {createElement(ICONS[group], { size: 16, stroke: 1.75 })}
    </span>
  );
}
