// The parameters of a service task, drawn from its node type's schema, and how its result is kept.

import { ActionIcon, Button, Switch } from '@mantine/core';
import { IconAlertTriangle, IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { catalogFieldsOf, resolve, titleOf } from '@/shared/graph/json-schema';
import type { GraphNode, ServiceTask, Value } from '@/shared/graph/types';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useCatalog } from '../hooks/designer-context';
import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { FieldFrame } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';
import { ValueMapInput } from '../fields/value-map-input';
import classes from './panel.module.css';

export function withInput(node: GraphNode, name: string, value: Value | undefined): GraphNode {
  if (node.service === undefined) return node;
  const { input, ...service } = node.service;
  const { [name]: _, ...rest } = input ?? {};
  const next = value === undefined ? rest : { ...input, [name]: value };
  return { ...node, service: Object.keys(next).length === 0 ? service : { ...service, input: next } };
}

function withPlan(node: GraphNode, plan: boolean): GraphNode {
  if (node.service === undefined) return node;
  const { plan: _, ...service } = node.service;
  return { ...node, service: plan ? { ...service, plan } : service };
}

function withResult(node: GraphNode, result: Record<string, Value> | undefined): GraphNode {
  if (node.service === undefined) return node;
  const { result: _, ...service } = node.service;
  return { ...node, service: result === undefined ? service : { ...service, result } };
}

export function ServiceForm({ node, service }: { node: GraphNode; service: ServiceTask }) {
  const { t } = useTranslation('designer');
  const { types } = useCatalog();
  const { change, endTyping } = useNodeEdit(node.id);
  const type = types[service.type];
  const scope = useScope(node.id);
  const schema = type?.input_schema ?? {};
  const root = schema;
  const fields = catalogFieldsOf(resolve(schema, root));
  const known = new Set(fields.map((field) => field.name));
  const unknown = Object.keys(service.input ?? {}).filter((name) => !known.has(name));
  const set = (name: string, title: string, value: Value | undefined, typing: boolean): void => {
    const label = { key: 'step.change_field', params: { field: title, title: node.title } };
    change(label, (each) => withInput(each, name, value), typing ? `/service/input/${name}` : undefined);
  };
  const names = [...fields, ...unknown.map((name) => ({ name, schema: {}, required: false }))];
  return (
    <>
      <TypeState service={service} />
      {names.map((field) => {
        const title = titleOf(resolve(field.schema, root), field.name, currentLanguage());
        return (
          <ValueField
            key={field.name}
            name={field.name}
            schema={field.schema}
            root={root}
            required={field.required}
            value={service.input?.[field.name]}
            field={`/service/input/${field.name}`}
            owner={{ node: node.id }}
            node={node.id}
            scope={scope}
            onBlur={endTyping}
            onChange={(value, typing) => {
              set(field.name, title, value, typing);
            }}
            actions={
              type !== undefined && !known.has(field.name) ? (
                <ActionIcon
                  size={18}
                  aria-label={t('field.remove', { name: field.name })}
                  onClick={() => {
                    set(field.name, title, undefined, false);
                  }}
                >
                  <IconX size={13} />
                </ActionIcon>
              ) : undefined
            }
          />
        );
      })}
      {type !== undefined && names.length === 0 && <p className={classes.note}>{t('service.no_input')}</p>}
      <Result node={node} service={service} />
      <FieldFrame field="/service/plan" owner={{ node: node.id }} label="">
        <Switch
          label={t('service.plan')}
          description={t('service.plan_hint')}
          checked={service.plan === true}
          onChange={(event) => {
            const plan = event.currentTarget.checked;
            change({ key: 'step.change_field', params: { field: t('service.plan'), title: node.title } }, (each) => withPlan(each, plan));
          }}
        />
      </FieldFrame>
    </>
  );
}

function TypeState({ service }: { service: ServiceTask }) {
  const { t } = useTranslation('designer');
  const { types } = useCatalog();
  const type = types[service.type];
  if (type?.live === true) return null;
  return (
    <div className={classes.alarm} data-tone={type === undefined ? 'bad' : undefined}>
      <IconAlertTriangle size={16} />
      <span>{type === undefined ? t('service.unknown', { type: service.type }) : t('service.not_live', { pool: type.pool })}</span>
    </div>
  );
}

/** What later steps see: the worker's output as it is, or values made of it. */
function Result({ node, service }: { node: GraphNode; service: ServiceTask }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id, { result: true });
  const label = { key: 'step.change_field', params: { field: t('service.result'), title: node.title } };
  return (
    <>
      <h4 className={classes.section}>
        {t('service.result')}
        {service.result !== undefined && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => {
              change(label, (each) => withResult(each, undefined));
            }}
          >
            {t('service.result_whole')}
          </Button>
        )}
      </h4>
      {service.result === undefined ? (
        <div>
          <p className={classes.note}>{t('service.result_hint', { id: node.id })}</p>
          <Button
            mt={6}
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<IconPlus size={13} />}
            onClick={() => {
              change(label, (each) => withResult(each, { value: '=result' }));
            }}
          >
            {t('service.result_map')}
          </Button>
        </div>
      ) : (
        <FieldFrame field="/service/result" owner={{ node: node.id }} label={t('service.result_map_hint', { id: node.id })}>
          <ValueMapInput
            values={service.result}
            field="/service/result"
            owner={{ node: node.id }}
            node={node.id}
            scope={scope}
            onBlur={endTyping}
            onChange={(values, typing) => {
              change(label, (each) => withResult(each, values), typing ? '/service/result' : undefined);
            }}
          />
        </FieldFrame>
      )}
    </>
  );
}
