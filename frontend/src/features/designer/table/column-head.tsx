// The head of a column: what it is called and reads; opened, a small form that changes it.

import { ActionIcon, Button, Group, Popover, Select, Stack, TextInput, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconArrowRight, IconColumnInsertLeft, IconColumnInsertRight, IconTrash } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';

import { expressionSource } from '@/shared/graph/expression';
import type { ColumnType, GraphNode } from '@/shared/graph/types';

import { ExpressionInput } from '../fields/expression-input';
import { FieldFrame } from '../fields/field-frame';
import { Preview } from '../fields/preview';
import { useProblems, useSession } from '../hooks/designer-context';
import { useScope } from '../hooks/use-scope';
import { problemText } from '../model/problem-text';
import { problemsOfField } from '../model/problems';
import { columnAt, columnName, describedColumn, MAX_COLUMNS, movedColumn, withColumn, withoutColumn } from '../model/table-edit';
import { useTable } from './use-table';
import classes from './table.module.css';

export const COLUMN_TYPES: readonly ColumnType[] = ['text', 'number', 'integer', 'boolean', 'date'];

interface ColumnHeadProps {
  id: string;
  node: GraphNode;
  column: number;
  at: boolean;
  opened: boolean;
  /** Nothing is open with undefined. */
  onOpen: (column: number | undefined) => void;
}

export const ColumnHead = memo(function ColumnHead({ id, node, column, at, opened, onOpen }: ColumnHeadProps) {
  const { t } = useTranslation(['designer', 'problems']);
  const { table } = useTable(node);
  const output = column >= table.inputs.length;
  const field = output ? `/decision/outputs/${String(column - table.inputs.length)}` : `/decision/inputs/${String(column)}`;
  const [problem] = problemsOfField(useProblems(), { node: node.id }, field);
  const what = columnAt(table, column);
  const source = output ? '' : expressionSource(table.inputs[column] ?? '');
  const name = columnName(table, column);
  return (
    <Popover
      opened={opened}
      onChange={(open) => {
        onOpen(open ? column : undefined);
      }}
      position="bottom-start"
      width={340}
      trapFocus
      returnFocus={false}
      withinPortal
      shadow="lg"
    >
      <Popover.Target>
        <button
          id={id}
          type="button"
          role="columnheader"
          aria-colindex={column + 2}
          aria-expanded={opened}
          tabIndex={-1}
          className={classes.head}
          data-head={column}
          data-out={output || undefined}
          data-first-out={column === table.inputs.length || undefined}
          data-at={at || undefined}
          data-problem={problem?.severity}
          title={problem === undefined ? source : problemText(t, problem)}
          onClick={() => {
            onOpen(opened ? undefined : column);
          }}
        >
          <span className={classes.headName}>{name}</span>
          <span className={classes.headSub}>
            {what.type !== undefined && <span>{t(`decision.type.${what.type}`)}</span>}
            {!output && what.name !== undefined && <code>{source}</code>}
            {output && what.type === undefined && <span>{t('decision.output_short')}</span>}
            {!output && what.name === undefined && what.type === undefined && <span>{t(source === '' ? 'decision.no_source' : 'decision.input_short')}</span>}
          </span>
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <ColumnForm
          node={node}
          column={column}
          onGone={() => {
            onOpen(undefined);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
});

function ColumnForm({ node, column, onGone }: { node: GraphNode; column: number; onGone: () => void }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { table, change, endTyping } = useTable(node);
  const scope = useScope(node.id);
  const owner = { node: node.id };
  const inputs = table.inputs.length;
  const output = column >= inputs;
  const index = output ? column - inputs : column;
  const what = columnAt(table, column);
  const name = columnName(table, column);
  const field = output ? `/decision/outputs/${String(index)}` : `/decision/inputs/${String(index)}`;
  const side = output ? 'output' : 'input';
  const full = (output ? table.outputs : table.inputs).length >= MAX_COLUMNS;
  const act = (step: string, next: Parameters<typeof change>[1]): void => {
    change(step, next, { column: name });
    onGone();
  };
  return (
    <fieldset disabled={context.readOnly} className={classes.plain}>
      <Stack gap="sm">
        {output ? (
          <FieldFrame field={field} owner={owner} label={t('decision.name')}>
            <TextInput
              aria-label={t('decision.name')}
              data-autofocus
              value={table.outputs[index] ?? ''}
              maxLength={100}
              onBlur={endTyping}
              onChange={(event) => {
                const text = event.currentTarget.value.trim();
                change('column', (each) => ({ ...each, outputs: each.outputs.map((old, at) => (at === index ? text : old)) }), { column: text }, field);
              }}
            />
          </FieldFrame>
        ) : (
          <>
            <FieldFrame field={field} owner={owner} label={t('decision.source')}>
              <ExpressionInput
                label={t('decision.source')}
                value={expressionSource(table.inputs[index] ?? '')}
                placeholder="input.amount"
                scope={scope}
                readOnly={context.readOnly}
                autoFocus
                onBlur={endTyping}
                onChange={(source) => {
                  change('column', (each) => ({ ...each, inputs: each.inputs.map((old, at) => (at === index ? `=${source}` : old)) }), { column: name }, field);
                }}
              />
              <Preview node={node.id} value={table.inputs[index] ?? '='} />
            </FieldFrame>
            <FieldFrame field={`/decision/input_columns/${String(index)}/name`} owner={owner} label={t('decision.name')} description={t('decision.name_hint')}>
              <TextInput
                aria-label={t('decision.name')}
                value={what.name ?? ''}
                placeholder={name}
                maxLength={100}
                onBlur={endTyping}
                onChange={(event) => {
                  const text = event.currentTarget.value;
                  change('column', (each) => describedColumn(each, column, { ...what, name: text }), { column: text === '' ? name : text }, `${field}/name`);
                }}
              />
            </FieldFrame>
          </>
        )}
        <FieldFrame field={`/decision/${side}_columns/${String(index)}/type`} owner={owner} label={t('decision.of_type')}>
          <Select
            aria-label={t('decision.of_type')}
            data={COLUMN_TYPES.map((type) => ({ value: type, label: t(`decision.type.${type}`) }))}
            placeholder={t('decision.type.any')}
            clearable
            comboboxProps={{ withinPortal: false }}
            value={what.type ?? null}
            onChange={(value) => {
              const type = COLUMN_TYPES.find((each) => each === value);
              change('column', (each) => describedColumn(each, column, { ...what, type }), { column: name });
            }}
          />
        </FieldFrame>
        <Group gap={4}>
          <Tool label={t('decision.move_left')} disabled={movedColumn(table, column, -1) === undefined} onClick={() => { act('move_column', (each) => movedColumn(each, column, -1)); }}>
            <IconArrowLeft size={15} />
          </Tool>
          <Tool label={t('decision.move_right')} disabled={movedColumn(table, column, 1) === undefined} onClick={() => { act('move_column', (each) => movedColumn(each, column, 1)); }}>
            <IconArrowRight size={15} />
          </Tool>
          <Tool label={t('decision.insert_left')} disabled={full} onClick={() => { act('add_column', (each) => withColumn(each, side, index)); }}>
            <IconColumnInsertLeft size={16} />
          </Tool>
          <Tool label={t('decision.insert_right')} disabled={full} onClick={() => { act('add_column', (each) => withColumn(each, side, index + 1)); }}>
            <IconColumnInsertRight size={16} />
          </Tool>
          <Button
            ml="auto"
            variant="subtle"
            color="red"
            size="compact-xs"
            leftSection={<IconTrash size={13} />}
            onClick={() => {
              act('remove_column', (each) => withoutColumn(each, column));
            }}
          >
            {t('decision.remove_column')}
          </Button>
        </Group>
      </Stack>
    </fieldset>
  );
}

function Tool({ label, disabled, onClick, children }: { label: string; disabled: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={28} aria-label={label} disabled={disabled} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
