import { ActionIcon, Button, Text } from '@mantine/core';
import { IconPencil, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Retention } from '@/shared/api/types';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Moment, RelativeTime } from '@/shared/ui/moment';
import { Card } from '@/shared/ui/page';

import { retentionsQuery } from '../api/retention-api';
import { RetentionDialog } from './retention-dialog';

/** For how long ended processes are kept: the default, and definitions that have a time of their own. */
export function RetentionCard() {
  const { t } = useTranslation('settings');
  const may = useMay();
  const all = useQuery(retentionsQuery);
  const [editing, setEditing] = useState<Retention | 'new'>();
  const pass = all.data?.last_pass;
  const everything = t(all.data?.items.length === 0 ? 'retention.default_only' : 'retention.default');
  return (
    <Card
      flush
      title={t('retention.title')}
      aside={
        may('user.manage') ? (
          <Button variant="default" leftSection={<IconPlus size={15} />} onClick={() => { setEditing('new'); }}>
            {t('retention.add')}
          </Button>
        ) : undefined
      }
    >
      {all.error ? (
        <ErrorState error={all.error} onRetry={() => void all.refetch()} />
      ) : all.isPending ? (
        <LoadingRows rows={2} />
      ) : (
        <>
          <table className={table.table}>
            <thead>
              <tr>
                <th>{t('retention.definition')}</th>
                <th className={table.number}>{t('retention.kept')}</th>
                <th>{t('retention.reason')}</th>
                <th>{t('retention.changed')}</th>
                <th aria-label={t('retention.change')} />
              </tr>
            </thead>
            <tbody>
              {[all.data.default, ...all.data.items].map((retention) => (
                <tr key={retention.definition ?? ''} data-testid={`retention-${retention.definition ?? 'default'}`}>
                  <td>{retention.definition === undefined ? everything : (retention.definition_title ?? retention.definition)}</td>
                  <td className={table.number}>{t('retention.days', { count: retention.days })}</td>
                  <td className={table.clip} title={retention.reason}>
                    {retention.reason}
                  </td>
                  <td className={table.muted}>
                    {retention.author !== undefined && (
                      <>
                        {retention.author} · <Moment at={retention.at} />
                      </>
                    )}
                  </td>
                  <td className={table.number}>
                    {may('user.manage') && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`${t('retention.change')} ${retention.definition ?? everything}`}
                        onClick={() => { setEditing(retention); }}
                      >
                        <IconPencil size={16} stroke={1.7} />
                      </ActionIcon>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <Text size="sm" c="dimmed" px={16} py={10}>
            {pass === undefined ? t('retention.no_pass') : (
              <>
                {pass.processes === 0 && pass.days === 0 ? t('retention.pass_nothing') : t('retention.pass', { count: pass.processes, days: pass.days })} · <RelativeTime at={pass.ended_at} /> {pass.error}
              </>
            )}
          </Text>
        </>
      )}
      <RetentionDialog of={editing} known={all.data?.items ?? []} onClose={() => { setEditing(undefined); }} />
    </Card>
  );
}
