// Where a file of the desktop may be dropped: the canvas and all of it. Steps that are dragged from the palette are no files.

import { useState, type DragEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useSession } from '../hooks/designer-context';
import classes from './import-dialog.module.css';

const holdsFile = (event: DragEvent): boolean => event.dataTransfer.types.includes('Files');

export function DropZone({ className, children }: { className: string | undefined; children: ReactNode }) {
  const { t } = useTranslation('interchange');
  const { context } = useSession();
  const [over, setOver] = useState(false);
  return (
    <div
      className={className}
      data-tour="canvas"
      onDragOver={(event) => {
        if (!holdsFile(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (!holdsFile(event) || file === undefined) return;
        event.preventDefault();
        context.ui.setState({ dialog: 'import', incoming: file });
      }}
    >
      {children}
      {over && <div className={classes.over}>{t('drop_here')}</div>}
    </div>
  );
}
