import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment } from '@/shared/ui/moment';
import { useActionName } from '@/shared/ui/action-name';

import { auditQuery } from '../api/process-api';
import classes from './events-tab.module.css';

/** Who did what to this process, and why. */
export function AuditTab({ processId }: { processId: string }) {
  const { t } = useTranslation('process');
  const actionName = useActionName();
  const audit = useQuery(auditQuery(processId));
  if (audit.error) return <ErrorState error={audit.error} onRetry={() => void audit.refetch()} />;
  if (!audit.data) return <LoadingRows rows={3} height={22} />;
  if (audit.data.items.length === 0) return <p className={classes.empty}>{t('audit.empty')}</p>;
  return (
    <div className={classes.events}>
      <table className={classes.table}>
        <tbody>
          {audit.data.items.map((entry) => (
            <tr key={entry.id}>
              <td className={classes.time}>
                <Moment at={entry.at} />
              </td>
              <td className={classes.what}>{entry.actor}</td>
              <td>
                {actionName(entry.action)}
                {entry.reason ? <span className={classes.facts}> — {entry.reason}</span> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
