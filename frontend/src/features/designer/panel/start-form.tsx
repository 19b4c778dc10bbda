// How a process begins here, and what it needs: its input fields, in order, as the start form will show them.

import { Button, Select, Switch } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { startOf } from '@/shared/graph/query';
import type { GraphNode, StartEvent, Value } from '@/shared/graph/types';

import { useDocument } from '../hooks/designer-context';
import { useNodeEdit, type NodeEdit } from '../hooks/use-edit';
import { readFields, writeInput } from '../model/input-fields';
import { inputScope, keyScope, START_KINDS, startOfKind } from '../model/start-kinds';
import { DurationInput } from '../fields/duration-input';
import { FieldFrame } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';
import { ValueMapInput } from '../fields/value-map-input';
import { FormFields } from './form-fields';
import classes from './panel.module.css';
import { StartTrigger } from './start-trigger';

const MAX_SEARCH_KEYS = 5;

export function StartForm({ node, start }: { node: GraphNode; start: StartEvent }) {
  const { t } = useTranslation('designer');
  const doc = useDocument();
  const edit = useNodeEdit(node.id);
  if (node.parent !== undefined) return <p className={classes.note}>{t('start.inside_hint')}</p>;
  const kind = start.kind ?? 'manual';
  const owner = startOf(doc);
  return (
    <>
      <FieldFrame field="/start/kind" owner={{ node: node.id }} label={t('start.kind')} description={t(`start.kind_${kind}_hint`)}>
        <Select
          aria-label={t('start.kind')}
          allowDeselect={false}
          data={START_KINDS.map((each) => ({ value: each, label: t(`start.kind_${each}`) }))}
          value={kind}
          onChange={(value) => {
            const next = START_KINDS.find((each) => each === value);
            if (next === undefined || next === kind) return;
            edit.change({ key: 'step.change_field', params: { field: t('start.kind'), title: node.title } }, (each) => ({ ...each, start: startOfKind(each.start ?? {}, next) }));
          }}
        />
      </FieldFrame>
      {kind !== 'manual' && (
        <>
          <StartTrigger node={node} start={start} edit={edit} />
          <Begins node={node} start={start} edit={edit} owner={owner} />
        </>
      )}
      {owner === undefined || owner.id === node.id ? <Needs node={node} start={start} edit={edit} /> : <p className={classes.note}>{t('start.described_at', { title: owner.title })}</p>}
    </>
  );
}

interface PartProps {
  node: GraphNode;
  start: StartEvent;
  edit: NodeEdit;
}

/** The input that a start by itself gives, and the customId. */
function Begins({ node, start, edit, owner }: PartProps & { owner: GraphNode | undefined }) {
  const { t } = useTranslation('designer');
  const scheduled = start.kind === 'schedule';
  const field = scheduled ? '/start/schedule/input' : '/start/input';
  const values = (scheduled ? start.schedule?.input : start.input) ?? {};
  const wanted = readFields(owner?.start?.input_schema).map((each) => each.name);
  const missing = wanted.filter((name) => !(name in values));
  const change = (next: Record<string, Value>, typing: boolean): void => {
    const label = { key: 'step.change_field', params: { field: t('start.input'), title: node.title } };
    edit.change(label, (each) => ({ ...each, start: withInput(each.start ?? {}, next) }), typing ? field : undefined);
  };
  return (
    <>
      <h4 className={classes.section}>{t('start.input')}</h4>
      <p className={classes.note}>{t(start.kind === 'schedule' ? 'start.input_schedule_hint' : start.kind === 'message' ? 'start.input_message_hint' : 'start.input_webhook_hint')}</p>
      <FieldFrame field={field} owner={{ node: node.id }} label={t('start.input_fields')}>
        <ValueMapInput
          values={values}
          field={field}
          owner={{ node: node.id }}
          node={node.id}
          scope={() => inputScope(start.kind)}
          stem={missing[0] ?? 'field'}
          onBlur={edit.endTyping}
          onChange={change}
        />
      </FieldFrame>
      {missing.length > 0 && (
        <Button
          variant="subtle"
          size="compact-xs"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={13} />}
          onClick={() => {
            change({ ...values, ...Object.fromEntries(missing.map((name) => [name, ''])) }, false);
          }}
        >
          {t('start.input_all')}
        </Button>
      )}
      <ValueField
        name="custom_id"
        label={t('start.custom_id')}
        schema={{ type: 'string', description: t(start.kind === 'message' ? 'start.custom_id_message_hint' : 'start.custom_id_hint') }}
        root={{}}
        required={false}
        value={start.custom_id}
        field="/start/custom_id"
        owner={{ node: node.id }}
        node={node.id}
        scope={() => keyScope(owner)}
        onBlur={edit.endTyping}
        onChange={(value, typing) => {
          const label = { key: 'step.change_field', params: { field: t('start.custom_id'), title: node.title } };
          edit.change(label, (each) => {
            const { custom_id: _, ...rest } = each.start ?? {};
            return { ...each, start: typeof value === 'string' && value !== '' ? { ...rest, custom_id: value } : rest };
          }, typing ? '/start/custom_id' : undefined);
        }}
      />
    </>
  );
}

/** A start with other input fields; without any the member goes, so that what came is the input. */
function withInput(start: StartEvent, input: Record<string, Value>): StartEvent {
  const empty = Object.keys(input).length === 0;
  if (start.kind === 'schedule') {
    const { input: _, ...rest } = start.schedule ?? { cron: '' };
    return { ...start, schedule: empty ? rest : { ...rest, input } };
  }
  const { input: _, ...rest } = start;
  return empty ? rest : { ...rest, input };
}

/** What a process needs, for every start of it. */
function Needs({ node, start, edit }: PartProps) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = edit;
  const setKey = (name: string, on: boolean): void => {
    change({ key: 'step.search_key', params: { field: name } }, (each) => {
      const { search_keys: keys = [], ...rest } = each.start ?? {};
      const next = on ? [...keys, name] : keys.filter((key) => key !== name);
      return { ...each, start: next.length === 0 ? rest : { ...rest, search_keys: next } };
    });
  };
  return (
    <>
      {start.kind !== undefined && start.kind !== 'manual' && <h4 className={classes.section}>{t('start.needs')}</h4>}
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
      <FieldFrame field="/start/time_limit_ms" owner={{}} label={t('start.time_limit')} description={t('start.time_limit_hint')}>
        <DurationInput
          label={t('start.time_limit')}
          value={start.time_limit_ms}
          usual={undefined}
          onBlur={endTyping}
          onChange={(ms) => {
            change({ key: 'step.change_field', params: { field: t('start.time_limit'), title: node.title } }, (each) => {
              const { time_limit_ms: _, ...rest } = each.start ?? {};
              return { ...each, start: ms === undefined ? rest : { ...rest, time_limit_ms: ms } };
            }, 'time_limit_ms');
          }}
        />
      </FieldFrame>
    </>
  );
}
