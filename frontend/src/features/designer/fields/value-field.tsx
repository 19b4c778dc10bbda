// One field of a configuration: a literal made by the schema's own control, a template, or an expression after "fx".

import { useState, type ReactNode } from 'react';

import { expressionSource, literalText, textLiteral, valueMode, withName } from '@/shared/graph/expression';
import { descriptionOf, resolve, titleOf, typeOf } from '@/shared/graph/json-schema';
import type { Json, JsonObject, Value } from '@/shared/graph/types';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useProblems } from '../hooks/designer-context';
import { problemsOfField } from '../model/problems';
import type { Name } from '../model/scope';
import { ExpressionInput } from './expression-input';
import { FieldFrame, type Owner } from './field-frame';
import { LiteralInput } from './literal-input';
import { Preview } from './preview';

export interface ValueFieldProps {
  name: string;
  schema: JsonObject;
  /** Where the schema's references lead. */
  root: JsonObject;
  required: boolean;
  value: Value | undefined;
  /** `typing` while letters are typed, so that they are one step. */
  onChange: (value: Value | undefined, typing: boolean) => void;
  onBlur: () => void;
  field: string;
  owner: Owner;
  /** The node whose scope the value is evaluated in. */
  node: string;
  scope: () => Name[];
  /** In place of the schema's title. */
  label?: string | undefined;
  labelNode?: ReactNode;
  actions?: ReactNode;
}

/** What an expression says when it is no more than a literal. */
function literalOf(source: string): Json | undefined {
  try {
    return JSON.parse(source) as Json;
  } catch {
    return undefined;
  }
}

function asExpression(value: Value | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return JSON.stringify(literalText(value));
  return JSON.stringify(value);
}

export function ValueField(props: ValueFieldProps) {
  const { name, required, value, onChange, onBlur, field, owner, node, scope } = props;
  const locale = currentLanguage();
  const schema = resolve(props.schema, props.root);
  const label = props.label ?? titleOf(schema, name, locale);
  const mode = valueMode(value);
  // An expression that is still empty is no value yet.
  const [wantsFx, setWantsFx] = useState(false);
  // Whoever just asked for an expression goes on typing it.
  const [begun, setBegun] = useState(false);
  const invalid = problemsOfField(useProblems(), owner, field).some((problem) => problem.severity === 'error');
  const fx = mode === 'expression' || (wantsFx && value === undefined);
  const toggle = (): void => {
    if (!fx) {
      const source = mode === 'template' ? '' : asExpression(value);
      setWantsFx(true);
      setBegun(true);
      onChange(source === '' ? undefined : `=${source}`, false);
      return;
    }
    setWantsFx(false);
    const literal = typeof value === 'string' ? literalOf(expressionSource(value)) : undefined;
    onChange(typeof literal === 'string' ? textLiteral(literal) : literal, false);
  };
  const control = fx ? (
    <ExpressionInput
      value={typeof value === 'string' ? expressionSource(value) : ''}
      onChange={(source) => {
        setWantsFx(true);
        onChange(source.trim() === '' ? undefined : `=${source}`, true);
      }}
      onBlur={onBlur}
      scope={scope}
      label={label}
      invalid={invalid}
      autoFocus={begun}
    />
  ) : (
    <LiteralInput
      name={name}
      root={props.root}
      required={required}
      value={value}
      onBlur={onBlur}
      field={field}
      owner={owner}
      node={node}
      scope={scope}
      schema={schema}
      label={label}
      invalid={invalid}
      onChange={(next, typing) => {
        // "=" typed into an empty text field begins an expression.
        if (next === '==' && value === undefined) {
          setWantsFx(true);
          setBegun(true);
          return;
        }
        onChange(next, typing);
      }}
    />
  );
  const structured = typeOf(schema) === 'object' || typeOf(schema) === 'array';
  return (
    <FieldFrame
      field={field}
      owner={owner}
      label={label}
      labelNode={props.labelNode}
      actions={props.actions}
      required={required}
      description={structured && !fx ? undefined : descriptionOf(schema, locale)}
      fx={{ on: fx, toggle }}
      onName={
        fx
          ? undefined
          : (path, at) => {
              onChange(withName(value, path, at), false);
            }
      }
    >
      {control}
      {value !== undefined && <Preview node={node} value={value} />}
    </FieldFrame>
  );
}
