// The left side: every step that can be put on the canvas, by category, searched by name or synonym.

import { Kbd, Loader, ScrollArea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DRAG_TYPE } from '@/shared/canvas/canvas-context';
import { localized } from '@/shared/graph/node-type';
import { currentLanguage } from '@/shared/i18n/i18n';

import { useCatalog, useSession } from '../hooks/designer-context';
import { fits, insertItem } from '../model/insert-item';
import { groupItems, searchItems, type PaletteItem } from '../model/palette';
import { insertTarget } from '../model/view-actions';
import { ItemTile } from './item-tile';
import classes from './palette.module.css';

export function Palette() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { items, types } = useCatalog();
  const [query, setQuery] = useState('');
  const locale = currentLanguage();
  const found = useMemo(() => searchItems(items, query, locale), [items, query, locale]);
  const groups = useMemo(() => groupItems(found, locale), [found, locale]);
  const put = (item: PaletteItem): void => {
    const target = insertTarget(context);
    const { doc } = context.store.getState();
    const at = context.canvas()?.centre() ?? { x: 0, y: 0 };
    const { level } = context.ui.getState().view;
    const done = insertItem(context, item, fits(doc, item, target, level) ? target : { where: 'point', at });
    if (done === undefined) notifications.show({ message: t(item.boundary === undefined ? 'palette.not_here' : 'palette.needs_step') });
  };
  return (
    <aside className={classes.palette} aria-label={t('palette.label')} data-tour="palette">
      <div className={classes.search}>
        <TextInput
          size="xs"
          aria-label={t('palette.search')}
          placeholder={t('palette.search')}
          leftSection={<IconSearch size={14} />}
          rightSection={query === '' ? <Kbd size="xs">N</Kbd> : null}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            const [first] = found;
            if (event.key === 'Enter' && first !== undefined) {
              put(first);
              setQuery('');
            }
            if (event.key === 'Escape') {
              event.stopPropagation();
              setQuery('');
              event.currentTarget.blur();
            }
          }}
        />
      </div>
      <ScrollArea className={classes.list} scrollbarSize={6} type="hover">
        {groups.map((group) => (
          <section key={group.category.en}>
            <h4 className={classes.category}>{localized(group.category, locale)}</h4>
            {group.items.map((item) => (
              <button
                key={item.id}
                type="button"
                className={classes.item}
                data-testid={`palette-${item.id}`}
                data-off={item.type?.live === false ? 'true' : undefined}
                title={item.type?.live === false ? t('palette.no_worker', { pool: item.type.pool }) : localized(item.doc, locale)}
                draggable
                onDragStart={(event) => {
                  event.dataTransfer.setData(DRAG_TYPE, item.id);
                  event.dataTransfer.effectAllowed = 'copy';
                }}
                onClick={() => {
                  put(item);
                }}
              >
                <ItemTile item={item} size={28} />
                <span className={classes.name}>{localized(item.title, locale)}</span>
              </button>
            ))}
          </section>
        ))}
        {found.length === 0 && <p className={classes.nothing}>{t('palette.nothing')}</p>}
        {Object.keys(types).length === 0 && query === '' && (
          <p className={classes.nothing}>
            <Loader size={12} color="gray" /> {t('palette.no_types')}
          </p>
        )}
      </ScrollArea>
    </aside>
  );
}
