// The last row of a sheet: typed inputs, and what the table gives for them, asked of the server's own engine.

import { useTranslation } from 'react-i18next';

import type { DecisionTask, Json } from '@/shared/graph/types';
import { isObject } from '@/shared/graph/json-schema';

import { columnName } from '../model/table-edit';
import classes from './table.module.css';

export interface Tries {
  opened: boolean;
  texts: readonly string[];
  hits: ReadonlyMap<number, 'counts' | 'holds'>;
  output: Json | undefined;
  error: string | undefined;
  type: (column: number, text: string) => void;
}

export function TryRow({ table, tries }: { table: DecisionTask; tries: Tries }) {
  const { t } = useTranslation('designer');
  const given = isObject(tries.output) ? tries.output : {};
  return (
    <div role="row" className={classes.tryRow} data-testid="try-row">
      <div role="rowheader" className={classes.gutter}>
        {t('decision.try_short')}
      </div>
      {table.inputs.map((_, column) => (
        <div key={column} role="gridcell" className={classes.cell}>
          <input
            className={classes.tryInput}
            aria-label={t('decision.try_input', { column: columnName(table, column) })}
            placeholder={t('decision.try_value')}
            value={tries.texts[column] ?? ''}
            onChange={(event) => {
              tries.type(column, event.currentTarget.value);
            }}
          />
        </div>
      ))}
      {table.outputs.map((name, index) => (
        <div key={name} role="gridcell" className={classes.cell} data-out data-first-out={index === 0 || undefined} data-testid={`tried-${name}`}>
          <span className={classes.tried}>{tries.error !== undefined || tries.output === undefined ? '' : shown(given[name])}</span>
        </div>
      ))}
    </div>
  );
}

function shown(value: Json | undefined): string {
  if (value === undefined || value === null) return '—';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
