// What runs where: the versions that still have processes, each with the way to them.

import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { versionsQuery } from '@/shared/api/definitions';
import { runningSearch } from '@/shared/definition/running-search';
import { useMay } from '@/shared/session/me';
import { Pill } from '@/shared/ui/pill';

import { useSession } from '../hooks/designer-context';
import panel from '../panel/panel.module.css';
import classes from './running-versions.module.css';

const REFRESH_MS = 15_000;

export function RunningVersions() {
  const { t } = useTranslation(['definitions', 'designer']);
  const { definition, latest } = useSession();
  const may = useMay();
  const versions = useQuery({ ...versionsQuery(definition), refetchInterval: REFRESH_MS, enabled: latest > 0 });
  if (latest === 0 || versions.data === undefined) return null;
  const running = versions.data.filter((version) => version.running > 0 || version.incidents > 0);
  return (
    <>
      <h4 className={panel.section}>{t('designer:overview.running')}</h4>
      {running.length === 0 && <p className={panel.note}>{t('versions.idle')}</p>}
      {running.length > 0 && (
        <ul className={classes.list} data-testid="running-versions">
          {running.map((version) => (
            <li key={version.number}>
              <b>v{version.number}</b>
              {version.latest && <small>{t('versions.latest')}</small>}
              {may('process.read') ? (
                <Link to="/processes" search={runningSearch(definition, version.number)}>
                  {t('versions.running', { count: version.running })}
                </Link>
              ) : (
                <span>{t('versions.running', { count: version.running })}</span>
              )}
              {version.incidents > 0 && <Pill tone="bad">{t('versions.incidents', { count: version.incidents })}</Pill>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
