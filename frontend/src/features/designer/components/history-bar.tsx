// Undo, redo, what was done, tidy up and problems, in the corner of the canvas.

import { ActionIcon, Menu, Tooltip } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp, IconChevronDown, IconCircleCheck, IconKeyboard, IconPlus, IconSparkles, IconVariable } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useDesigner, useProblems, useSession, useUi } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import type { Label } from '../store/history';
import classes from './history-bar.module.css';
import { KeyHint } from './key-hint';

interface BarButtonProps {
  action: string;
  icon: ReactNode;
  detail?: string;
}

function BarButton({ action, icon, detail }: BarButtonProps) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  // Whether an action may run depends on the document and the selection.
  useDesigner((state) => state.history);
  useDesigner((state) => state.selection);
  const { enabled, run } = actionById(action);
  const name = t(`action.${action}`);
  return (
    <Tooltip
      label={
        <span className={classes.tip}>
          {detail === undefined ? name : `${name}: ${detail}`} <KeyHint action={action} />
        </span>
      }
    >
      <ActionIcon
        size={30}
        aria-label={detail === undefined ? name : `${name}: ${detail}`}
        data-testid={`action-${action}`}
        disabled={!enabled(context)}
        onClick={() => {
          run(context);
        }}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

export function HistoryBar() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const history = useDesigner((state) => state.history);
  const problems = useProblems();
  const dock = useUi((state) => state.dock);
  const words = (label: Label | undefined): string | undefined => (label === undefined ? undefined : t(label.key, label.params));
  return (
    <div className={classes.bar}>
      {!context.readOnly && (
        <div className={classes.group} role="toolbar" aria-label={t('history.label')}>
          <BarButton action="insert" icon={<IconPlus size={17} />} />
          <BarButton action="undo" icon={<IconArrowBackUp size={17} />} detail={words(history.past.at(-1)?.label)} />
          <BarButton action="redo" icon={<IconArrowForwardUp size={17} />} detail={words(history.future[0]?.label)} />
          <Menu position="top-start" disabled={history.past.length === 0}>
            <Menu.Target>
              <ActionIcon size={30} w={20} aria-label={t('history.label')} disabled={history.past.length === 0}>
                <IconChevronDown size={13} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown mah={320} style={{ overflowY: 'auto' }}>
              {[...history.past].reverse().slice(0, 30).map((step, index) => (
                <Menu.Item
                  key={history.past.length - index}
                  onClick={() => {
                    context.ui.setState({ settling: true });
                    for (let n = 0; n <= index; n++) context.store.getState().undo();
                  }}
                >
                  {words(step.label)}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <BarButton action="tidy" icon={<IconSparkles size={17} />} />
          <BarButton action="help" icon={<IconKeyboard size={17} />} />
        </div>
      )}
      <div className={classes.group}>
        <BarButton action="variables" icon={<IconVariable size={17} />} />
      </div>
      <button
        type="button"
        className={classes.problems}
        data-tour="problems"
        data-tone={problems.length === 0 ? 'ok' : problems.some((problem) => problem.severity === 'error') ? 'bad' : 'wait'}
        aria-expanded={dock}
        onClick={() => {
          actionById('problems').run(context);
        }}
      >
        {problems.length === 0 ? <IconCircleCheck size={14} /> : <IconAlertTriangle size={14} />}
        {problems.length === 0 ? t('problems_none') : t('problems', { count: problems.length })}
      </button>
    </div>
  );
}
