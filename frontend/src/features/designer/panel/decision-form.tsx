// A decision table: a column for each input and output, a row for each rule, asked from the top.

import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { expressionSource } from '@/shared/graph/expression';
import type { DecisionRule, DecisionTask, GraphNode, HitPolicy, Json, Value } from '@/shared/graph/types';

import { useProblems } from '../hooks/designer-context';
import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { problemsOfField } from '../model/problems';
import { ExpressionInput } from '../fields/expression-input';
import { FieldFrame } from '../fields/field-frame';
import classes from './panel.module.css';

const HITS: readonly HitPolicy[] = ['unique', 'first', 'any', 'collect'];

/** A cell of an output as text: JSON where it is JSON, an expression behind "=", a text otherwise. */
function cellText(value: Value): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cellValue(text: string): Value {
  const plain = text.trim();
  if (plain === '' || plain.startsWith('=')) return plain;
  try {
    const json = JSON.parse(plain) as Json;
    return typeof json === 'string' ? text : json;
  } catch {
    return text;
  }
}

export function DecisionForm({ node, decision }: { node: GraphNode; decision: DecisionTask }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const problems = useProblems();
  const owner = { node: node.id };
  const set = (field: string, next: DecisionTask, typing?: string): void => {
    change({ key: 'step.change_field', params: { field, title: node.title } }, (each) => ({ ...each, decision: next }), typing);
  };
  const wrong = (field: string): boolean => problemsOfField(problems, owner, field).some((problem) => problem.severity === 'error');
  const setRule = (index: number, rule: DecisionRule, typing: string): void => {
    set(t('decision.rules'), { ...decision, rules: decision.rules.map((each, at) => (at === index ? rule : each)) }, typing);
  };
  const addInput = (): void => {
    set(t('decision.inputs'), { ...decision, inputs: [...decision.inputs, '='], rules: decision.rules.map((rule) => ({ ...rule, when: [...rule.when, '-'] })) });
  };
  const addOutput = (): void => {
    let number = decision.outputs.length + 1;
    while (decision.outputs.includes(`result_${String(number)}`)) number++;
    const name = decision.outputs.length === 0 ? 'result' : `result_${String(number)}`;
    set(t('decision.outputs'), { ...decision, outputs: [...decision.outputs, name], rules: decision.rules.map((rule) => ({ ...rule, then: [...rule.then, null] })) });
  };
  const drop = <Item,>(items: readonly Item[], index: number): Item[] => items.filter((_, at) => at !== index);
  return (
    <>
      <p className={classes.note}>{t('decision.note', { id: node.id })}</p>
      <FieldFrame field="/decision/hit" owner={owner} label={t('decision.hit')} description={t(`decision.${decision.hit}_hint`)}>
        <Select
          aria-label={t('decision.hit')}
          allowDeselect={false}
          data={HITS.map((hit) => ({ value: hit, label: t(`decision.${hit}`) }))}
          value={decision.hit}
          onChange={(value) => {
            const hit = HITS.find((each) => each === value);
            if (hit !== undefined) set(t('decision.hit'), { ...decision, hit });
          }}
        />
      </FieldFrame>
      <h4 className={classes.section}>{t('decision.inputs')}</h4>
      {decision.inputs.map((input, index) => (
        <FieldFrame
          key={index}
          field={`/decision/inputs/${index}`}
          owner={owner}
          label={t('decision.input', { number: index + 1 })}
          actions={
            <ActionIcon
              size={18}
              aria-label={t('decision.remove_input', { number: index + 1 })}
              onClick={() => {
                set(t('decision.inputs'), { ...decision, inputs: drop(decision.inputs, index), rules: decision.rules.map((rule) => ({ ...rule, when: drop(rule.when, index) })) });
              }}
            >
              <IconX size={13} />
            </ActionIcon>
          }
        >
          <ExpressionInput
            label={t('decision.input', { number: index + 1 })}
            value={expressionSource(input)}
            placeholder="input.amount"
            invalid={wrong(`/decision/inputs/${index}`)}
            scope={scope}
            onBlur={endTyping}
            onChange={(source) => {
              set(t('decision.inputs'), { ...decision, inputs: decision.inputs.map((each, at) => (at === index ? `=${source}` : each)) }, `/decision/inputs/${index}`);
            }}
          />
        </FieldFrame>
      ))}
      <div>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={addInput}>
          {t('decision.add_input')}
        </Button>
      </div>
      <h4 className={classes.section}>{t('decision.outputs')}</h4>
      {decision.outputs.map((output, index) => (
        <FieldFrame
          key={index}
          field={`/decision/outputs/${index}`}
          owner={owner}
          label={t('decision.output', { number: index + 1 })}
          actions={
            <ActionIcon
              size={18}
              aria-label={t('decision.remove_output', { number: index + 1 })}
              onClick={() => {
                set(t('decision.outputs'), { ...decision, outputs: drop(decision.outputs, index), rules: decision.rules.map((rule) => ({ ...rule, then: drop(rule.then, index) })) });
              }}
            >
              <IconX size={13} />
            </ActionIcon>
          }
        >
          <TextInput
            aria-label={t('decision.output', { number: index + 1 })}
            value={output}
            maxLength={100}
            onBlur={endTyping}
            onChange={(event) => {
              set(t('decision.outputs'), { ...decision, outputs: decision.outputs.map((each, at) => (at === index ? event.currentTarget.value.trim() : each)) }, `/decision/outputs/${index}`);
            }}
          />
        </FieldFrame>
      ))}
      <div>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={addOutput}>
          {t('decision.add_output')}
        </Button>
      </div>
      <h4 className={classes.section}>{t('decision.rules')}</h4>
      <p className={classes.note}>{t('decision.cell_hint')}</p>
      <div className={classes.tableBox}>
        <table className={classes.decision} data-field="/decision/rules">
          <thead>
            <tr>
              <th aria-label={t('decision.number')} />
              {decision.inputs.map((input, index) => (
                <th key={index} title={expressionSource(input)}>
                  {expressionSource(input) === '' ? t('decision.input', { number: index + 1 }) : expressionSource(input)}
                </th>
              ))}
              {decision.outputs.map((output, index) => (
                <th key={index} data-out>
                  {output}
                </th>
              ))}
              <th aria-label={t('decision.remove_rule')} />
            </tr>
          </thead>
          <tbody>
            {decision.rules.map((rule, row) => (
              <tr key={row} data-wrong={wrong(`/decision/rules/${row}`) || undefined}>
                <td className={classes.ruleNumber}>{row + 1}</td>
                {rule.when.map((cell, column) => (
                  <td key={column}>
                    <input
                      aria-label={t('decision.when', { row: row + 1, column: column + 1 })}
                      value={cell}
                      aria-invalid={wrong(`/decision/rules/${row}/when/${column}`) || undefined}
                      placeholder="-"
                      onBlur={endTyping}
                      onChange={(event) => {
                        const text = event.currentTarget.value;
                        setRule(row, { ...rule, when: rule.when.map((each, at) => (at === column ? text : each)) }, `/decision/rules/${row}/when/${column}`);
                      }}
                    />
                  </td>
                ))}
                {rule.then.map((cell, column) => (
                  <td key={column} data-out>
                    <input
                      aria-label={t('decision.then', { row: row + 1, column: column + 1 })}
                      value={cell === null ? '' : cellText(cell)}
                      aria-invalid={wrong(`/decision/rules/${row}/then/${column}`) || undefined}
                      onBlur={endTyping}
                      onChange={(event) => {
                        const value = event.currentTarget.value === '' ? null : cellValue(event.currentTarget.value);
                        setRule(row, { ...rule, then: rule.then.map((each, at) => (at === column ? value : each)) }, `/decision/rules/${row}/then/${column}`);
                      }}
                    />
                  </td>
                ))}
                <td>
                  <ActionIcon
                    size={18}
                    aria-label={`${t('decision.remove_rule')} ${row + 1}`}
                    onClick={() => {
                      set(t('decision.rules'), { ...decision, rules: drop(decision.rules, row) });
                    }}
                  >
                    <IconX size={12} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          data-testid="add-rule"
          onClick={() => {
            set(t('decision.rules'), { ...decision, rules: [...decision.rules, { when: decision.inputs.map(() => '-'), then: decision.outputs.map(() => null) }] });
          }}
        >
          {t('decision.add_rule')}
        </Button>
      </div>
    </>
  );
}
