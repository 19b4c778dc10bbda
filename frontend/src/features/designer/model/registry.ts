// All actions by id.

import type { Action } from './action';
import { ARRANGE_ACTIONS } from './arrange-actions';
import { EDIT_ACTIONS } from './edit-actions';
import { INTERCHANGE_ACTIONS } from './interchange-actions';
import { REMARK_ACTIONS } from './remark-actions';
import { VIEW_ACTIONS } from './view-actions';

export const ACTIONS: readonly Action[] = [...EDIT_ACTIONS, ...VIEW_ACTIONS, ...REMARK_ACTIONS, ...ARRANGE_ACTIONS, ...INTERCHANGE_ACTIONS];

const BY_ID = new Map(ACTIONS.map((action) => [action.id, action]));

export function actionById(id: string): Action {
  const action = BY_ID.get(id);
  if (action === undefined) throw new Error(`there is no action ${id}`);
  return action;
}
