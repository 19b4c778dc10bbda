// A decision table in the panel: which rules count, and a look at the table, which opens as a sheet with room to work.

import { Button, Select } from '@mantine/core';
import { IconTable } from '@tabler/icons-react';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import type { DecisionTask, GraphNode, HitPolicy } from '@/shared/graph/types';

import { useProblems, useSession } from '../hooks/designer-context';
import { problemText, tablePlace } from '../model/problem-text';
import { problemsOfField } from '../model/problems';
import { textAt, widthOf } from '../model/table-cells';
import { columnName } from '../model/table-edit';
import { FieldFrame } from '../fields/field-frame';
import { TableDialog } from '../table/table-dialog';
import { useTable } from '../table/use-table';
import sheet from '../table/table.module.css';
import classes from './panel.module.css';

const HITS: readonly HitPolicy[] = ['unique', 'first', 'any', 'collect'];
const SHOWN_RULES = 5;
const SHOWN_COLUMNS = 4;
const SHOWN_PROBLEMS = 3;

export function DecisionForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { table, change } = useTable(node);
  const owner = { node: node.id };
  const open = (): void => {
    context.ui.setState({ table: { node: node.id, field: '/decision/rules/0' } });
  };
  return (
    <>
      <p className={classes.note}>{t('decision.note', { id: node.id })}</p>
      <FieldFrame field="/decision/hit" owner={owner} label={t('decision.hit')} description={t(`decision.${table.hit}_hint`)}>
        <Select
          aria-label={t('decision.hit')}
          allowDeselect={false}
          data={HITS.map((hit) => ({ value: hit, label: t(`decision.${hit}`) }))}
          value={table.hit}
          onChange={(value) => {
            const hit = HITS.find((each) => each === value);
            if (hit !== undefined && hit !== table.hit) change('hit', (each) => ({ ...each, hit }));
          }}
        />
      </FieldFrame>
      <Look table={table} onOpen={open} />
      <Wrong node={node.id} table={table} />
      <div data-field="/decision">
        <Button variant="default" leftSection={<IconTable size={15} />} data-testid="open-table" onClick={open}>
          {t(context.readOnly ? 'decision.look' : 'decision.edit')}
        </Button>
      </div>
      <TableDialog node={node} />
    </>
  );
}

/** The first few things that are wrong with the table; the sheet tells all. */
function Wrong({ node, table }: { node: string; table: DecisionTask }) {
  const { t } = useTranslation(['designer', 'problems']);
  const { context } = useSession();
  const problems = problemsOfField(useProblems(), { node }, '/decision').filter((problem) => problem.field !== '/decision/hit');
  return (
    <>
      {problems.slice(0, SHOWN_PROBLEMS).map((problem) => (
        <button
          key={problem.id}
          type="button"
          className={classes.toProblem}
          data-severity={problem.severity}
          onClick={() => {
            context.ui.setState({ table: { node, field: problem.field } });
          }}
        >
          {tablePlace(t, problem, table) !== undefined && <b>{tablePlace(t, problem, table)}: </b>}
          {problemText(t, problem)}
        </button>
      ))}
      {problems.length > SHOWN_PROBLEMS && <p className={classes.note}>{t('decision.more_problems', { count: problems.length - SHOWN_PROBLEMS })}</p>}
    </>
  );
}

function Look({ table, onOpen }: { table: DecisionTask; onOpen: () => void }) {
  const { t } = useTranslation('designer');
  const width = widthOf(table);
  // Of many columns the first and the last: what is asked and what is given.
  const columns = width <= SHOWN_COLUMNS ? [...Array(width).keys()] : [0, 1, width - 2, width - 1];
  if (width === 0) return null;
  return (
    <button type="button" className={sheet.summary} style={{ '--columns': columns.length } as CSSProperties} aria-label={t('decision.edit')} onClick={onOpen}>
      <span className={sheet.summaryRow}>
        {columns.map((column) => (
          <span key={column} data-out={column >= table.inputs.length || undefined}>
            {columnName(table, column)}
          </span>
        ))}
      </span>
      {table.rules.slice(0, SHOWN_RULES).map((_, row) => (
        <span key={row} className={sheet.summaryRow}>
          {columns.map((column) => (
            <span key={column} data-out={column >= table.inputs.length || undefined}>
              {textAt(table, { row, column })}
            </span>
          ))}
        </span>
      ))}
      <span className={sheet.summaryMore}>{t('decision.count', { count: table.rules.length })}</span>
    </button>
  );
}
