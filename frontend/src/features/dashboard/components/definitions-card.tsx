import { IconSchema } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Card } from '@/shared/ui/page';
import { Pill } from '@/shared/ui/pill';

import classes from './list.module.css';

const shownAtMost = 6;

export function DefinitionsCard() {
  const { t } = useTranslation('dashboard');
  const definitions = useQuery(definitionsQuery(''));
  return (
    <Card
      flush
      title={t('definitions')}
      aside={
        <AnchorLink to="/definitions" size="sm">
          {t('all')}
        </AnchorLink>
      }
    >
      {definitions.error ? (
        <ErrorState error={definitions.error} onRetry={() => void definitions.refetch()} />
      ) : definitions.isPending ? (
        <LoadingRows rows={3} height={28} />
      ) : (
        <ul className={classes.list}>
          {definitions.data.items.slice(0, shownAtMost).map((definition) => (
            <li key={definition.key}>
              <Link to="/definitions/$key" params={{ key: definition.key }} className={classes.row}>
                <IconSchema size={18} stroke={1.7} className={classes.accent} />
                <span className={classes.text}>
                  <b>{definition.title}</b>
                  <small>{definition.latest > 0 ? `v${definition.latest}` : t('draft')}</small>
                </span>
                {definition.incidents > 0 && <Pill tone="bad">{t('with_incidents', { count: definition.incidents })}</Pill>}
                {definition.running > 0 && <Pill tone="active">{t('running', { count: definition.running })}</Pill>}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
