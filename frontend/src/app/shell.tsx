import { ActionIcon, Kbd, UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link, Outlet } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ConnectionPill } from '@/shared/live/connection-pill';
import { useMay } from '@/shared/session/me';
import { HeaderSlotsContext, type HeaderSlots } from '@/shared/ui/page-header';

import { NavRail } from './nav-rail';
import { openSearch, SearchBox } from './search-box';
import classes from './shell.module.css';

/** The frame of every page: a rail with the places, a header that the page fills, the page. */
export function Shell() {
  const { t } = useTranslation('common');
  const reads = useMay()('process.read');
  const [start, setStart] = useState<HTMLElement | null>(null);
  const [actions, setActions] = useState<HTMLElement | null>(null);
  const slots = useMemo<HeaderSlots>(() => ({ start, actions }), [start, actions]);
  return (
    <HeaderSlotsContext value={slots}>
      <a href="#content" className={classes.skip}>
        {t('nav.skip')}
      </a>
      <div className={classes.frame}>
        <Link to="/" className={classes.logo} aria-label={t('nav.dashboard')}>
          <span>T</span>
        </Link>
        <header className={classes.header}>
          <div className={classes.start} ref={setStart} />
          {reads && <ConnectionPill />}
          {reads && (
            <>
              <UnstyledButton className={classes.search} onClick={openSearch} aria-label={t('search.open')}>
                <IconSearch size={15} stroke={1.8} />
                <span className={classes.searchText}>{t('search.placeholder')}</span>
                <Kbd size="xs">Ctrl K</Kbd>
              </UnstyledButton>
              <ActionIcon className={classes.searchSmall} onClick={openSearch} aria-label={t('search.open')} size="lg">
                <IconSearch size={18} />
              </ActionIcon>
            </>
          )}
          <div className={classes.actions} ref={setActions} />
        </header>
        <NavRail />
        <main className={classes.main} id="content">
          <Outlet />
        </main>
      </div>
      {reads && <SearchBox />}
    </HeaderSlotsContext>
  );
}
