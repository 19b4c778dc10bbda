import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

import type { ProcessState } from '@/shared/api/types';
import { lookOf } from '@/shared/ui/states';

import { countQuery } from '../api/dashboard-api';
import classes from './tiles.module.css';

/** How things stand: what is open now, and what ended among today's processes. Each tile opens its list. */
export function Tiles() {
  const today = dayjs().format('YYYY-MM-DD');
  return (
    <div className={classes.tiles}>
      <Tile state="running" />
      <Tile state="incident" />
      <Tile state="suspended" />
      <Tile state="completed" from={today} />
      <Tile state="failed" from={today} />
    </div>
  );
}

function Tile({ state, from }: { state: ProcessState; from?: string }) {
  const { t, i18n } = useTranslation('dashboard');
  const { data } = useQuery(countQuery(state, from));
  const { icon: StateIcon, tone } = lookOf(state);
  return (
    <Link to="/processes" search={from === undefined ? { state } : { state, from }} className={classes.tile} data-tone={tone} data-zero={data?.value === 0 || undefined}>
      <span className={classes.icon}>
        <StateIcon size={18} stroke={1.8} />
      </span>
      <span>
        <b className={classes.value}>{data ? `${data.value.toLocaleString(i18n.language)}${data.more ? '+' : ''}` : '—'}</b>
        <span className={classes.name}>{t(`tile.${state}`)}</span>
      </span>
    </Link>
  );
}
