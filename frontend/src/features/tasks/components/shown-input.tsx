import { isFileRef } from '@/shared/api/file-ref';
import type { Json, JsonObject } from '@/shared/api/types';
import { FileChip } from '@/shared/ui/file-chip';
import { JsonView } from '@/shared/ui/json-view';

import classes from '../tasks-page.module.css';

/** What the form shows: a row for each field, files to open, anything deeper as JSON. */
export function ShownInput({ input, filesAt }: { input: JsonObject; filesAt: string }) {
  return (
    <dl className={classes.shown}>
      {Object.entries(input).map(([name, value]) => (
        <div key={name}>
          <dt>{name.replaceAll('_', ' ')}</dt>
          <dd>
            <Shown value={value} filesAt={filesAt} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Shown({ value, filesAt }: { value: Json; filesAt: string }) {
  if (isFileRef(value)) return <FileChip file={value} filesAt={filesAt} />;
  if (value === null || value === '') return <>—</>;
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
  return <JsonView value={value} filesAt={filesAt} />;
}
