// A call of another definition: which one and which version, what it is given, and what becomes of its failure.

import { ActionIcon, Anchor, SegmentedControl, Select } from '@mantine/core';
import { IconAlertTriangle, IconExternalLink, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { calledVersionQuery } from '@/shared/api/called-version';
import { definitionsQuery, versionsQuery } from '@/shared/api/definitions';
import { fieldsOf, resolve, titleOf } from '@/shared/graph/json-schema';
import { endsOf, startOf } from '@/shared/graph/query';
import type { CallActivity, GraphNode, JsonObject, Value } from '@/shared/graph/types';
import { currentLanguage } from '@/shared/i18n/i18n';

import { FieldFrame } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';
import { ValueMapInput } from '../fields/value-map-input';
import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import classes from './panel.module.css';

type Member = Exclude<keyof CallActivity, 'definition'>;

/** Members that say nothing are left out. */
function withMember<Name extends Member>(call: CallActivity, name: Name, value: CallActivity[Name] | undefined): CallActivity {
  const { [name]: _, ...rest } = call;
  const empty = value === undefined || value === '' || value === 0 || (typeof value === 'object' && Object.keys(value).length === 0);
  return empty ? { ...rest, definition: call.definition } : { ...rest, definition: call.definition, [name]: value };
}

export function CallForm({ node, call }: { node: GraphNode; call: CallActivity }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const owner = { node: node.id };
  const called = useQuery(calledVersionQuery(call.definition, call.version ?? 0));
  const set = <Name extends Member>(name: Name, value: CallActivity[Name] | undefined, typing?: string): void => {
    const label = { key: 'step.change_field', params: { field: t(`call.${name}`), title: node.title } };
    change(label, (each) => ({ ...each, call: withMember(each.call ?? { definition: '' }, name, value) }), typing);
  };
  const gives = called.data ? [...new Set(endsOf(called.data.document).flatMap((end) => Object.keys(end.end?.output ?? {})))] : [];
  return (
    <>
      <DefinitionField node={node} call={call} missing={called.data === null} title={called.data?.title} />
      {call.definition !== '' && <VersionField node={node} call={call} onChange={(version) => { set('version', version); }} />}
      <h4 className={classes.section}>{t('call.input')}</h4>
      <InputFields
        node={node}
        call={call}
        schema={called.data ? (startOf(called.data.document)?.start?.input_schema ?? {}) : {}}
        onBlur={endTyping}
        onChange={(input, typing) => { set('input', input, typing); }}
      />
      <h4 className={classes.section}>{t('call.process')}</h4>
      <ValueField
        name="custom_id"
        label={t('call.custom_id')}
        schema={{ type: 'string', description: t('call.custom_id_hint') }}
        root={{}}
        required={false}
        value={call.custom_id}
        field="/call/custom_id"
        owner={owner}
        node={node.id}
        scope={scope}
        onBlur={endTyping}
        onChange={(value, typing) => {
          set('custom_id', typeof value === 'string' ? value : undefined, typing ? '/call/custom_id' : undefined);
        }}
      />
      <FieldFrame field="/call/on_failure" owner={owner} label={t('call.on_failure')} description={t(`call.${call.on_failure ?? 'incident'}_hint`)}>
        <SegmentedControl
          aria-label={t('call.on_failure')}
          fullWidth
          size="xs"
          data={(['incident', 'continue'] as const).map((policy) => ({ value: policy, label: t(`call.${policy}`) }))}
          value={call.on_failure ?? 'incident'}
          onChange={(policy) => {
            set('on_failure', policy === 'continue' ? 'continue' : undefined);
          }}
        />
      </FieldFrame>
      <p className={classes.note}>{gives.length > 0 ? t('call.gives', { id: node.id, names: gives.join(', ') }) : t('call.note', { id: node.id })}</p>
    </>
  );
}

interface DefinitionFieldProps {
  node: GraphNode;
  call: CallActivity;
  /** Nothing can be called under this key and version now. */
  missing: boolean;
  title: string | undefined;
}

function DefinitionField({ node, call, missing, title }: DefinitionFieldProps) {
  const { t } = useTranslation('designer');
  const { change } = useNodeEdit(node.id);
  const [query, setQuery] = useState('');
  // What is chosen stands in the search line, too; it is no search.
  const found = useQuery(definitionsQuery(query.includes(' · ') ? '' : query));
  const options = (found.data?.items ?? []).map((each) => ({ value: each.key, label: `${each.title} · ${each.key}` }));
  if (call.definition !== '' && !options.some((each) => each.value === call.definition)) {
    options.unshift({ value: call.definition, label: title === undefined ? call.definition : `${title} · ${call.definition}` });
  }
  return (
    <>
      <FieldFrame field="/call/definition" owner={{ node: node.id }} label={t('call.definition')} required>
        <Select
          aria-label={t('call.definition')}
          searchable
          allowDeselect={false}
          placeholder={t('call.definition_choose')}
          data={options}
          filter={({ options: all }) => all}
          onSearchChange={setQuery}
          value={call.definition === '' ? null : call.definition}
          nothingFoundMessage={t('call.definition_none')}
          onChange={(definition) => {
            if (definition === null || definition === call.definition) return;
            // Another definition has other versions; what it is given is kept: fields often have the same names.
            change({ key: 'step.change_field', params: { field: t('call.definition'), title: node.title } }, (each) => {
              const { version: _, ...rest } = each.call ?? { definition };
              return { ...each, call: { ...rest, definition } };
            });
          }}
          data-testid="call-definition"
        />
      </FieldFrame>
      {call.definition !== '' && (
        <Anchor size="xs" href={`/definitions/${call.definition}`} target="_blank" rel="noreferrer">
          {t('call.open')} <IconExternalLink size={12} style={{ verticalAlign: -1 }} />
        </Anchor>
      )}
      {missing && (
        <div className={classes.alarm}>
          <IconAlertTriangle size={16} />
          <span>{t('call.nothing_to_call')}</span>
        </div>
      )}
    </>
  );
}

function VersionField({ node, call, onChange }: { node: GraphNode; call: CallActivity; onChange: (version: number) => void }) {
  const { t } = useTranslation('designer');
  const { data: versions = [] } = useQuery({ ...versionsQuery(call.definition), retry: false });
  const numbers = [...new Set([...(call.version ? [call.version] : []), ...versions.map((version) => version.number)])].sort((a, b) => b - a);
  return (
    <FieldFrame
      field="/call/version"
      owner={{ node: node.id }}
      label={t('call.version')}
      description={t(call.version ? 'call.version_pinned_hint' : 'call.version_latest_hint')}
    >
      <Select
        aria-label={t('call.version')}
        allowDeselect={false}
        data={[{ value: '0', label: t('call.version_latest') }, ...numbers.map((number) => ({ value: String(number), label: t('call.version_number', { number }) }))]}
        value={String(call.version ?? 0)}
        onChange={(version) => {
          if (version !== null) onChange(Number(version));
        }}
      />
    </FieldFrame>
  );
}

interface InputFieldsProps {
  node: GraphNode;
  call: CallActivity;
  schema: JsonObject;
  onChange: (input: Record<string, Value>, typing: string | undefined) => void;
  onBlur: () => void;
}

/** The fields that the called start asks for; any names where it asks for none. */
function InputFields({ node, call, schema, onChange, onBlur }: InputFieldsProps) {
  const { t } = useTranslation('designer');
  const scope = useScope(node.id);
  const owner = { node: node.id };
  const input = call.input ?? {};
  const fields = fieldsOf(schema);
  if (fields.length === 0) {
    return (
      <FieldFrame field="/call/input" owner={owner} label={t('call.input_names')}>
        <ValueMapInput
          values={input}
          field="/call/input"
          owner={owner}
          node={node.id}
          scope={scope}
          onBlur={onBlur}
          onChange={(values, typing) => { onChange(values, typing ? '/call/input' : undefined); }}
        />
      </FieldFrame>
    );
  }
  const known = new Set(fields.map((field) => field.name));
  const others = Object.keys(input).filter((name) => !known.has(name)).map((name) => ({ name, schema: {}, required: false }));
  const set = (name: string, value: Value | undefined, typing: boolean): void => {
    const { [name]: _, ...rest } = input;
    onChange(value === undefined ? rest : { ...input, [name]: value }, typing ? `/call/input/${name}` : undefined);
  };
  return [...fields, ...others].map((field) => (
    <ValueField
      key={field.name}
      name={field.name}
      label={titleOf(resolve(field.schema, schema), field.name, currentLanguage())}
      schema={field.schema}
      root={schema}
      required={field.required}
      value={input[field.name]}
      field={`/call/input/${field.name}`}
      owner={owner}
      node={node.id}
      scope={scope}
      onBlur={onBlur}
      onChange={(value, typing) => { set(field.name, value, typing); }}
      actions={
        known.has(field.name) ? undefined : (
          <ActionIcon size={18} aria-label={t('field.remove', { name: field.name })} onClick={() => { set(field.name, undefined, false); }}>
            <IconX size={13} />
          </ActionIcon>
        )
      }
    />
  ));
}
