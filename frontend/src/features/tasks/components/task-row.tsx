import { useTranslation } from 'react-i18next';

import type { UserTaskSummary } from '@/shared/api/types';
import { useMe } from '@/shared/session/me';
import { RelativeTime } from '@/shared/ui/moment';
import classes from '@/shared/ui/split-list.module.css';

import { DuePill } from './due-pill';

interface TaskRowProps {
  task: UserTaskSummary;
  chosen: boolean;
  onChoose: () => void;
}

export function TaskRow({ task, chosen, onChoose }: TaskRowProps) {
  const { t } = useTranslation('tasks');
  const me = useMe();
  return (
    <li>
      <button type="button" className={classes.row} data-testid="user-task-row" aria-current={chosen} onClick={onChoose}>
        <span className={classes.line}>
          <b>{task.title}</b>
          <RelativeTime at={task.created_at} />
        </span>
        <span className={classes.line}>
          <span className={classes.of}>{task.custom_id === '' ? task.definition_title : `${task.custom_id} · ${task.definition_title}`}</span>
          {task.due_at !== undefined && <DuePill due={task.due_at} />}
        </span>
        {task.claimed_by !== undefined && <span className={classes.of}>{task.claimed_by === me.login ? t('claimed_by_me') : t('claimed_by', { who: task.claimed_by })}</span>}
      </button>
    </li>
  );
}
