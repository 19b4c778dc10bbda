import { useTranslation } from 'react-i18next';

import { isFileRef } from '@/shared/api/file-ref';
import type { Json, JsonObject } from '@/shared/api/types';
import type { Schema } from '@/shared/schema-form/schema';
import { FileChip } from '@/shared/ui/file-chip';
import { JsonView } from '@/shared/ui/json-view';

import { columnsOf, fieldsOf, isObject } from '../model/shape';
import { shownRows } from '../model/shown';
import classes from '../tasks-page.module.css';

/** What the form shows: a row for each field, files to open, lists of like objects as tables, anything deeper as JSON. */
export function ShownInput({ input, schema, filesAt }: { input: JsonObject; schema: Schema; filesAt: string }) {
  const { i18n } = useTranslation();
  return (
    <dl className={classes.shown}>
      {shownRows(input, schema, i18n.language).map(({ name, title, value }) => (
        <div key={name}>
          <dt>{title}</dt>
          <dd>
            <Shown value={value} filesAt={filesAt} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function readable(name: string): string {
  return name.replaceAll('_', ' ');
}

interface ShownProps {
  value: Json;
  filesAt: string;
}

function Shown({ value, filesAt }: ShownProps) {
  const { t } = useTranslation('tasks');
  if (isFileRef(value)) return <FileChip file={value} filesAt={filesAt} />;
  if (value === null || value === '') return <>—</>;
  if (typeof value === 'boolean') return <>{t(value ? 'yes' : 'no')}</>;
  if (typeof value !== 'object') return <>{String(value)}</>;
  if (Array.isArray(value) && value.length > 0 && value.every(isFileRef)) {
    return (
      <span className={classes.files}>
        {value.map((file) => (
          <FileChip key={file.$file} file={file} filesAt={filesAt} />
        ))}
      </span>
    );
  }
  const columns = columnsOf(value);
  if (columns !== undefined && Array.isArray(value)) return <Rows columns={columns} rows={value.filter(isObject)} filesAt={filesAt} />;
  const fields = fieldsOf(value);
  if (fields !== undefined && fields.length > 0) return <Fields fields={fields} filesAt={filesAt} />;
  return <JsonView value={value} filesAt={filesAt} />;
}

function Rows({ columns, rows, filesAt }: { columns: readonly string[]; rows: readonly JsonObject[]; filesAt: string }) {
  const { t } = useTranslation('tasks');
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- whoever has no mouse scrolls it by the keyboard
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('shown')}>
      <table className={classes.rows}>
        <thead>
          <tr>
            {columns.map((name) => (
              <th key={name} scope="col">
                {readable(name)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {columns.map((name) => (
                <td key={name}>
                  <Shown value={row[name] ?? null} filesAt={filesAt} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Fields({ fields, filesAt }: { fields: readonly [string, Json][]; filesAt: string }) {
  return (
    <span className={classes.fields}>
      {fields.map(([name, value]) => (
        <span key={name}>
          <span className={classes.name}>{readable(name)}:</span> <Shown value={value} filesAt={filesAt} />
        </span>
      ))}
    </span>
  );
}
