// Several things at once: what can be done with them together.

import { ActionIcon, Button, ScrollArea, Stack, Tooltip } from '@mantine/core';
import {
  IconLayoutAlignBottom, IconLayoutAlignCenter, IconLayoutAlignLeft, IconLayoutAlignMiddle, IconLayoutAlignRight, IconLayoutAlignTop,
  IconLayoutDistributeHorizontal, IconLayoutDistributeVertical, type TablerIcon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { useDesigner, useSession } from '../hooks/designer-context';
import { actionById } from '../model/registry';
import { countSelected } from '../model/selection';
import { KeyHint } from '../components/key-hint';
import classes from './panel.module.css';

const ACTIONS = ['tidy', 'frame', 'copy', 'cut', 'duplicate', 'delete', 'delete_break'];

const ARRANGE: readonly [id: string, icon: TablerIcon][] = [
  ['align_left', IconLayoutAlignLeft],
  ['align_centre', IconLayoutAlignCenter],
  ['align_right', IconLayoutAlignRight],
  ['align_top', IconLayoutAlignTop],
  ['align_middle', IconLayoutAlignMiddle],
  ['align_bottom', IconLayoutAlignBottom],
  ['distribute_x', IconLayoutDistributeVertical],
  ['distribute_y', IconLayoutDistributeHorizontal],
];

export function ManyPanel() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  useDesigner((state) => state.selection);
  return (
    <>
      <header className={classes.header}>
        <b>{t('panel.many', { count: countSelected(context) })}</b>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        <div className={classes.body} data-panel-body>
          {!context.readOnly && (
            <div className={classes.arrange} role="toolbar" aria-label={t('help.arrange')}>
              {ARRANGE.map(([id, Icon]) => (
                <Tooltip key={id} label={<span className={classes.tip}>{t(`action.${id}`)} <KeyHint action={id} /></span>}>
                  <ActionIcon
                    size={32}
                    aria-label={t(`action.${id}`)}
                    data-testid={`many-${id}`}
                    disabled={!actionById(id).enabled(context)}
                    onClick={() => {
                      actionById(id).run(context);
                    }}
                  >
                    <Icon size={18} stroke={1.75} />
                  </ActionIcon>
                </Tooltip>
              ))}
            </div>
          )}
          <Stack gap={6}>
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
        </div>
      </ScrollArea>
    </>
  );
}
