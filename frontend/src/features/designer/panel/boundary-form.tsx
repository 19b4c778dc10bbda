// An event on the border of an activity: what it waits for, and whether the activity goes on.

import { Switch, TagsInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { nodeById } from '@/shared/graph/query';
import type { BoundaryEvent, GraphNode } from '@/shared/graph/types';

import { useDocument } from '../hooks/designer-context';
import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { FieldFrame } from '../fields/field-frame';
import { MessageField } from './message-field';
import classes from './panel.module.css';
import { TimerField } from './timer-field';

export function BoundaryForm({ node, boundary }: { node: GraphNode; boundary: BoundaryEvent }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const host = nodeById(useDocument(), boundary.on);
  const owner = { node: node.id };
  const set = (field: string, next: BoundaryEvent, typing?: string): void => {
    change({ key: 'step.change_field', params: { field, title: node.title } }, (each) => ({ ...each, boundary: next }), typing);
  };
  const without = (name: 'codes' | 'technical' | 'keeps_running'): BoundaryEvent => {
    const { [name]: _, ...rest } = boundary;
    return rest;
  };
  return (
    <>
      <p className={classes.note}>{t(`boundary.${boundary.kind}_note`, { host: host?.title ?? boundary.on, id: node.id })}</p>
      {boundary.kind === 'timer' && (
        <TimerField
          label={t('timer.when')}
          timer={boundary.timer ?? { kind: 'duration', value: '' }}
          field="/boundary/timer"
          node={node.id}
          scope={scope}
          onBlur={endTyping}
          onChange={(timer, typing) => {
            set(t('timer.when'), { ...boundary, timer }, typing);
          }}
        />
      )}
      {boundary.kind === 'message' && (
        <MessageField
          message={boundary.message ?? { name: '', key: '' }}
          field="/boundary/message"
          node={node.id}
          scope={scope}
          onBlur={endTyping}
          onChange={(message, typing) => {
            set(t('message.name'), { ...boundary, message }, typing);
          }}
        />
      )}
      {boundary.kind === 'error' ? (
        <>
          <FieldFrame field="/boundary/codes" owner={owner} label={t('boundary.codes')} description={t('boundary.codes_hint')}>
            <TagsInput
              aria-label={t('boundary.codes')}
              value={boundary.codes ?? []}
              placeholder={(boundary.codes ?? []).length === 0 ? t('boundary.every_code') : ''}
              onChange={(codes) => {
                set(t('boundary.codes'), codes.length === 0 ? without('codes') : { ...boundary, codes });
              }}
            />
          </FieldFrame>
          <Switch
            size="xs"
            label={t('boundary.technical')}
            checked={boundary.technical === true}
            onChange={(event) => {
              set(t('boundary.technical'), event.currentTarget.checked ? { ...boundary, technical: true } : without('technical'));
            }}
          />
        </>
      ) : (
        <FieldFrame field="/boundary/keeps_running" owner={owner} label={t('boundary.then')}>
          <Switch
            size="xs"
            label={t('boundary.keeps_running')}
            checked={boundary.keeps_running === true}
            onChange={(event) => {
              set(t('boundary.then'), event.currentTarget.checked ? { ...boundary, keeps_running: true } : without('keeps_running'));
            }}
          />
        </FieldFrame>
      )}
    </>
  );
}
