// An event that the process waits for: a time or a message.

import { useTranslation } from 'react-i18next';

import type { GraphNode } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { MessageField } from './message-field';
import classes from './panel.module.css';
import { TimerField } from './timer-field';

export function EventForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const label = (field: string) => ({ key: 'step.change_field', params: { field, title: node.title } });
  if (node.kind === 'timer_event') {
    return (
      <>
        <p className={classes.note}>{t('timer.note')}</p>
        <TimerField
          label={t('timer.when')}
          timer={node.timer ?? { kind: 'duration', value: '' }}
          field="/timer"
          node={node.id}
          scope={scope}
          onBlur={endTyping}
          onChange={(timer, typing) => {
            change(label(t('timer.when')), (each) => ({ ...each, timer }), typing);
          }}
        />
      </>
    );
  }
  return (
    <>
      <p className={classes.note}>{t('message.note', { id: node.id })}</p>
      <MessageField
        message={node.message ?? { name: '', key: '' }}
        field="/message"
        node={node.id}
        scope={scope}
        onBlur={endTyping}
        onChange={(message, typing) => {
          change(label(t('message.name')), (each) => ({ ...each, message }), typing);
        }}
      />
    </>
  );
}
