// What a process needs to begin: its input fields, in order, as the start form will show them.

import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { GraphNode, StartEvent } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { readFields, writeInput } from '../model/input-fields';
import { FormFields } from './form-fields';
import classes from './panel.module.css';

const MAX_SEARCH_KEYS = 5;

export function StartForm({ node, start }: { node: GraphNode; start: StartEvent }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  if (node.parent !== undefined) return <p className={classes.note}>{t('start.inside_hint')}</p>;
  const setKey = (name: string, on: boolean): void => {
    change({ key: 'step.search_key', params: { field: name } }, (each) => {
      const { search_keys: keys = [], ...rest } = each.start ?? {};
      const next = on ? [...keys, name] : keys.filter((key) => key !== name);
      return { ...each, start: next.length === 0 ? rest : { ...rest, search_keys: next } };
    });
  };
  return (
    <>
      <p className={classes.note}>{t('start.hint')}</p>
      <FormFields
        fields={readFields(start.input_schema)}
        field="/start/input_schema"
        owner={{}}
        reads="input"
        keys={{ names: start.search_keys ?? [], most: MAX_SEARCH_KEYS, set: setKey }}
        onBlur={endTyping}
        onWrite={(label, name, next, typing) => {
          change({ key: label, params: { field: name } }, (each) => ({ ...each, start: writeInput(each.start ?? {}, next) }), typing);
        }}
      />
      <Switch
        size="xs"
        label={t('start.one_active')}
        description={t('start.one_active_hint')}
        checked={start.one_active === true}
        onChange={(event) => {
          const on = event.currentTarget.checked;
          change({ key: 'step.change_field', params: { field: t('start.one_active'), title: node.title } }, (each) => {
            const { one_active: _, ...rest } = each.start ?? {};
            return { ...each, start: on ? { ...rest, one_active: true } : rest };
          });
        }}
      />
    </>
  );
}
