// What a person is asked: who it is for, what is shown, the form, and until when.

import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { GraphNode, Timer, UserTask, Value } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { readFields, writeFields } from '../model/input-fields';
import { FieldFrame } from '../fields/field-frame';
import { ListInput } from '../fields/list-input';
import { ValueField } from '../fields/value-field';
import { ValueMapInput } from '../fields/value-map-input';
import { FormFields } from './form-fields';
import classes from './panel.module.css';
import { TimerField } from './timer-field';

type Member = keyof UserTask;

/** Members that say nothing are left out. */
function withMember<Name extends Member>(user: UserTask, name: Name, value: UserTask[Name] | undefined): UserTask {
  const { [name]: _, ...rest } = user;
  const empty = value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
  return empty ? rest : { ...rest, [name]: value };
}

const texts = (value: Value | undefined): string[] => (Array.isArray(value) ? value.map((each) => (typeof each === 'string' ? each : '')) : []);

export function UserForm({ node, user }: { node: GraphNode; user: UserTask }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const owner = { node: node.id };
  const set = <Name extends Member>(name: Name, value: UserTask[Name] | undefined, typing?: string): void => {
    const label = { key: 'step.change_field', params: { field: t(`user.${name}`), title: node.title } };
    change(label, (each) => ({ ...each, user: withMember(each.user ?? {}, name, value) }), typing);
  };
  const list = (name: 'groups' | 'escalate_to') => (
    <FieldFrame field={`/user/${name}`} owner={owner} label={t(`user.${name}`)} description={t(`user.${name}_hint`)}>
      <ListInput
        name={name}
        label={t(`user.${name}_one`)}
        schema={{ type: 'array', items: { type: 'string' } }}
        root={{}}
        required={false}
        invalid={false}
        value={user[name]}
        field={`/user/${name}`}
        owner={owner}
        node={node.id}
        scope={scope}
        onBlur={endTyping}
        onChange={(value, typing) => {
          set(name, texts(value), typing ? `/user/${name}` : undefined);
        }}
      />
    </FieldFrame>
  );
  const moment = (name: 'due' | 'escalate') => {
    const timer: Timer | undefined = user[name];
    if (timer === undefined) {
      return (
        <div>
          <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => { set(name, { kind: 'duration', value: 'P1D' }); }}>
            {t(`user.${name}_add`)}
          </Button>
        </div>
      );
    }
    return (
      <>
        <TimerField
          label={t(`user.${name}`)}
          timer={timer}
          field={`/user/${name}`}
          node={node.id}
          scope={scope}
          onBlur={endTyping}
          onChange={(next, typing) => {
            set(name, next, typing);
          }}
        />
        <div>
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => { set(name, undefined); }}>
            {t(`user.${name}_remove`)}
          </Button>
        </div>
      </>
    );
  };
  return (
    <>
      <p className={classes.note}>{t('user.note', { id: node.id })}</p>
      {list('groups')}
      <ValueField
        name="assignee"
        label={t('user.assignee')}
        schema={{ type: 'string', description: t('user.assignee_hint') }}
        root={{}}
        required={false}
        value={user.assignee}
        field="/user/assignee"
        owner={owner}
        node={node.id}
        scope={scope}
        onBlur={endTyping}
        onChange={(value, typing) => {
          set('assignee', typeof value === 'string' ? value : undefined, typing ? '/user/assignee' : undefined);
        }}
      />
      <h4 className={classes.section}>{t('user.input')}</h4>
      <FieldFrame field="/user/input" owner={owner} label={t('user.input_names')}>
        <ValueMapInput
          labels
          values={user.input ?? {}}
          field="/user/input"
          owner={owner}
          node={node.id}
          scope={scope}
          onBlur={endTyping}
          onChange={(input, typing) => {
            set('input', input, typing ? '/user/input' : undefined);
          }}
        />
      </FieldFrame>
      <h4 className={classes.section}>{t('user.form')}</h4>
      <FormFields
        fields={readFields(user.form)}
        field="/user/form"
        owner={owner}
        reads={`tasks.${node.id}`}
        onBlur={endTyping}
        onWrite={(label, name, next, typing) => {
          change({ key: label, params: { field: name } }, (each) => ({ ...each, user: { ...each.user, form: writeFields(each.user?.form, next) } }), typing);
        }}
      />
      <h4 className={classes.section}>{t('user.time')}</h4>
      {moment('due')}
      {moment('escalate')}
      {(user.escalate !== undefined || user.escalate_to !== undefined) && list('escalate_to')}
    </>
  );
}
