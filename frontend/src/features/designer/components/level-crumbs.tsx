// Where one is, inside a sub-process: the way back up, in the corner of the canvas.

import { IconChevronRight } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

import { around, nodeById } from '@/shared/graph/query';

import { useDocument, useSession, useUi } from '../hooks/designer-context';
import { showLevel } from '../model/looking';
import { KeyHint } from './key-hint';
import classes from './level-crumbs.module.css';

export function LevelCrumbs() {
  const { t } = useTranslation('designer');
  const { context, title } = useSession();
  const doc = useDocument();
  const level = useUi((state) => state.view.level);
  const node = nodeById(doc, level);
  if (level === undefined || node === undefined) return null;
  const name = (id: string): string => {
    const found = nodeById(doc, id);
    return found === undefined || found.title === '' ? t('kind.sub_process') : found.title;
  };
  const ways = [undefined, ...around(doc, level).reverse()];
  return (
    <nav className={classes.crumbs} aria-label={t('level.label')} data-testid="level-crumbs">
      {ways.map((id) => (
        <Fragment key={id ?? ''}>
          <button
            type="button"
            onClick={() => {
              showLevel(context, id);
            }}
          >
            {id === undefined ? title : name(id)}
          </button>
          <IconChevronRight size={14} aria-hidden />
        </Fragment>
      ))}
      <b aria-current="page">{name(level)}</b>
      <KeyHint action="up_level" />
    </nav>
  );
}
