import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { isFileRef } from '@/shared/api/file-ref';
import type { FileRef, Json } from '@/shared/api/types';

import { FileChip } from './file-chip';
import classes from './json-view.module.css';

interface JsonViewProps {
  value: Json | undefined;
  /** Files in the value can be downloaded by whoever may see this process. */
  processId?: string;
  /** Instead: the address that files are read below. */
  filesAt?: string;
  maxHeight?: number;
}

/** JSON to read: coloured quietly, files as chips, everything copied with one click. */
export function JsonView({ value, processId, filesAt, maxHeight = 320 }: JsonViewProps) {
  const { t } = useTranslation('common');
  if (value === undefined || value === null) return <span className={classes.empty}>{t('json.empty')}</span>;
  return (
    <div className={classes.box}>
      <CopyButton value={JSON.stringify(value, null, 2)}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('action.copied') : t('json.copy')}>
            <ActionIcon className={classes.copy} onClick={copy} size="sm" aria-label={t('json.copy')}>
              {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- whoever has no mouse scrolls it by the keyboard */}
      <pre className={classes.pre} style={{ maxHeight }} tabIndex={0} role="region" aria-label={t('json.label')}>
        {draw(value, '', (file) => (
          <FileChip file={file} processId={processId} filesAt={filesAt} />
        ))}
      </pre>
    </div>
  );
}

const step = '  ';
const inlineLimit = 48;

function draw(value: Json, indent: string, chip: (file: FileRef) => ReactNode): ReactNode {
  if (value === null) return <span className={classes.literal}>null</span>;
  if (typeof value === 'string') return <span className={classes.string}>{JSON.stringify(value)}</span>;
  if (typeof value !== 'object') return <span className={classes.literal}>{String(value)}</span>;
  if (isFileRef(value)) return chip(value);
  const inner = indent + step;
  if (Array.isArray(value)) {
    const flat = JSON.stringify(value);
    if (value.length === 0 || (flat.length <= inlineLimit && value.every((item) => typeof item !== 'object'))) return flat;
    return (
      <>
        {'['}
        {value.map((item, index) => (
          <Fragment key={index}>
            {`\n${inner}`}
            {draw(item, inner, chip)}
            {index < value.length - 1 && ','}
          </Fragment>
        ))}
        {`\n${indent}]`}
      </>
    );
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  return (
    <>
      {'{'}
      {entries.map(([key, item], index) => (
        <Fragment key={key}>
          {`\n${inner}`}
          <span className={classes.key}>{JSON.stringify(key)}</span>
          {': '}
          {draw(item, inner, chip)}
          {index < entries.length - 1 && ','}
        </Fragment>
      ))}
      {`\n${indent}}`}
    </>
  );
}
