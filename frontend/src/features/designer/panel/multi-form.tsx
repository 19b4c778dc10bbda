// An activity for each entry of a list: which list, how many at a time, what may fail, and what is gathered.

import { NumberInput, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { expressionSource } from '@/shared/graph/expression';
import type { GraphNode, Multi } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { ExpressionInput } from '../fields/expression-input';
import { FieldFrame } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';
import classes from './panel.module.css';

type Optional = Exclude<keyof Multi, 'items'>;

function withMember<Name extends Optional>(multi: Multi, name: Name, value: Multi[Name] | undefined): Multi {
  const { [name]: _, ...rest } = multi;
  return value === undefined || value === '' || value === false || value === 0 ? { ...rest, items: multi.items } : { ...rest, items: multi.items, [name]: value };
}

export function MultiForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const results = useScope(node.id, { result: true });
  const owner = { node: node.id };
  const { multi } = node;
  const set = (field: string, next: Multi | undefined, typing?: string): void => {
    change(
      { key: 'step.change_field', params: { field, title: node.title } },
      ({ multi: _, ...rest }) => (next === undefined ? rest : { ...rest, multi: next }),
      typing,
    );
  };
  const toggle = (
    <Switch
      size="xs"
      label={t('multi.repeat')}
      checked={multi !== undefined}
      onChange={(event) => {
        set(t('multi.repeat'), event.currentTarget.checked ? { items: '=' } : undefined);
      }}
    />
  );
  if (multi === undefined) return toggle;
  return (
    <>
      {toggle}
      <p className={classes.note}>{t('multi.note', { id: node.id })}</p>
      <ValueField
        name="items"
        label={t('multi.items')}
        schema={{}}
        root={{}}
        required
        value={multi.items}
        field="/multi/items"
        owner={owner}
        node={node.id}
        scope={scope}
        onBlur={endTyping}
        onChange={(items, typing) => {
          set(t('multi.items'), { ...multi, items: items ?? '=' }, typing ? '/multi/items' : undefined);
        }}
      />
      <Switch
        size="xs"
        label={t('multi.sequential')}
        checked={multi.sequential === true}
        onChange={(event) => {
          set(t('multi.sequential'), withMember(multi, 'sequential', event.currentTarget.checked));
        }}
      />
      {multi.sequential !== true && (
        <FieldFrame field="/multi/limit" owner={owner} label={t('multi.limit')} description={t('multi.limit_hint')}>
          <NumberInput
            aria-label={t('multi.limit')}
            value={multi.limit ?? ''}
            placeholder="100"
            min={0}
            max={1000}
            allowDecimal={false}
            hideControls
            onBlur={endTyping}
            onChange={(limit) => {
              set(t('multi.limit'), withMember(multi, 'limit', typeof limit === 'number' ? limit : undefined), '/multi/limit');
            }}
          />
        </FieldFrame>
      )}
      <FieldFrame field="/multi/tolerated" owner={owner} label={t('multi.tolerated')} description={t('multi.tolerated_hint')}>
        <TextInput
          aria-label={t('multi.tolerated')}
          value={multi.tolerated ?? ''}
          placeholder="0"
          onBlur={endTyping}
          onChange={(event) => {
            set(t('multi.tolerated'), withMember(multi, 'tolerated', event.currentTarget.value.trim()), '/multi/tolerated');
          }}
        />
      </FieldFrame>
      <FieldFrame field="/multi/until" owner={owner} label={t('multi.until')} description={t('multi.until_hint')}>
        <ExpressionInput
          label={t('multi.until')}
          value={expressionSource(multi.until ?? '')}
          placeholder="result.failed > 3"
          scope={scope}
          onBlur={endTyping}
          onChange={(source) => {
            set(t('multi.until'), withMember(multi, 'until', source.trim() === '' ? '' : `=${source}`), '/multi/until');
          }}
        />
      </FieldFrame>
      <ValueField
        name="collect"
        label={t('multi.collect')}
        schema={{ description: t('multi.collect_hint') }}
        root={{}}
        required={false}
        value={multi.collect}
        field="/multi/collect"
        owner={owner}
        node={node.id}
        scope={results}
        onBlur={endTyping}
        onChange={(collect, typing) => {
          set(t('multi.collect'), withMember(multi, 'collect', collect), typing ? '/multi/collect' : undefined);
        }}
      />
    </>
  );
}
