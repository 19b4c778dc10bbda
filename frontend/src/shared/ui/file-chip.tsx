import { IconFile, IconFileTypePdf, IconFileTypeXml, IconPhoto, type Icon } from '@tabler/icons-react';
import { createElement } from 'react';
import { useTranslation } from 'react-i18next';

import { fileUrl } from '@/shared/api/file-ref';
import type { FileRef } from '@/shared/api/types';
import { formatSize } from '@/shared/format/size';

import classes from './file-chip.module.css';

const icons: readonly { match: RegExp; icon: Icon }[] = [
  { match: /pdf/, icon: IconFileTypePdf },
  { match: /xml/, icon: IconFileTypeXml },
  { match: /^image\//, icon: IconPhoto },
];

function FileIcon({ mediaType }: { mediaType: string }) {
  return createElement(icons.find(({ match }) => match.test(mediaType))?.icon ?? IconFile, { size: 14, stroke: 1.8 });
}

interface FileChipProps {
  file: FileRef;
  /** The process through which it may be read. */
  processId?: string | undefined;
  /** Instead: the address that files are read below. */
  filesAt?: string | undefined;
}

/** A file to download, by its name and size. */
export function FileChip({ file, processId, filesAt }: FileChipProps) {
  const { t, i18n } = useTranslation('common');
  return (
    <a
      className={classes.chip}
      href={fileUrl(file, processId, filesAt)}
      download={file.name}
      title={`${file.$file}\n${file.media_type}`}
      aria-label={t('json.download', { name: file.name })}
    >
      <FileIcon mediaType={file.media_type} />
      {file.name}
      <span className={classes.size}>{formatSize(file.size, t, i18n.language)}</span>
    </a>
  );
}
