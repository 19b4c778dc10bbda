import { Alert, Select, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { versionsQuery } from '@/shared/api/definitions';
import { textOfCode } from '@/shared/api/fault-text';
import type { ProcessGraph } from '@/shared/api/types';
import type { LiveProcess } from '@/shared/run/live-process';
import { migrationIssueText, type MigrationRemark } from '@/shared/run/migration-issue';
import { processKey } from '@/shared/run/run-api';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { ReasonDialog } from '@/shared/ui/reason-dialog';

import { migrationPlanQuery, operate } from '../api/process-api';
import classes from './migrate-dialog.module.css';

interface MigrateDialogProps {
  live: LiveProcess;
  graph: ProcessGraph;
  onClose: () => void;
  onDone: (message: string) => void;
}

/** Another version for a process that is under way: what has no place there is said before anything changes. */
export function MigrateDialog({ live, graph, onClose, onDone }: MigrateDialogProps) {
  const { t, i18n } = useTranslation('process');
  const client = useQueryClient();
  const { process } = live;
  const versions = useQuery(versionsQuery(process.definition));
  const others = (versions.data ?? []).filter((each) => each.number !== process.version);
  const [chosen, setChosen] = useState<number>();
  const version = chosen ?? others[0]?.number;
  const query = useQuery({ ...migrationPlanQuery(process.id, version ?? 0), enabled: version !== undefined });
  const plan = query.data;
  const nameOf = (node: string): string => graph.document.nodes.find((each) => each.id === node)?.title ?? node;
  const error = versions.error ?? query.error;
  return (
    <ReasonDialog
      opened
      onClose={onClose}
      title={t('dialog.migrate.title', { id: process.custom_id })}
      explanation={t('dialog.migrate.text', { version: process.version })}
      confirm={t('dialog.migrate.confirm')}
      size={620}
      ready={plan?.allowed === true}
      onConfirm={async (reason) => {
        if (version === undefined) return;
        await operate.migrate(process.id, { reason, version });
        onDone(t('dialog.migrate.done', { version }));
        await client.invalidateQueries({ queryKey: processKey(process.id) });
      }}
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void Promise.all([versions.refetch(), query.refetch()])} />
      ) : versions.data === undefined ? (
        <LoadingRows rows={3} height={28} />
      ) : version === undefined ? (
        <Alert color="gray">{t('dialog.migrate.none')}</Alert>
      ) : (
        <>
          <Select
            label={t('dialog.migrate.version')}
            allowDeselect={false}
            value={String(version)}
            data={others.map((each) => ({ value: String(each.number), label: each.note ? `v${each.number} · ${each.note}` : `v${each.number}` }))}
            onChange={(value) => {
              setChosen(Number(value));
            }}
          />
          {plan === undefined ? (
            <LoadingRows rows={2} height={28} />
          ) : plan.allowed ? (
            <Text size="sm" data-testid="plan-allowed">
              {t('dialog.migrate.open', { count: plan.open.reduce((sum, each) => sum + each.count, 0) })}
            </Text>
          ) : (
            <Alert color="red" icon={<IconBan size={16} />} title={t('dialog.migrate.refused')} data-testid="plan-refused">
              <Remarks of={plan.issues.length > 0 ? plan.issues : [{ message: textOfCode(plan.code ?? '', {}, t, i18n) ?? plan.message ?? '' }]} nameOf={nameOf} />
            </Alert>
          )}
          {plan !== undefined && plan.warnings.length > 0 && (
            <Alert color="yellow" icon={<IconAlertTriangle size={16} />}>
              <Remarks of={plan.warnings} nameOf={nameOf} />
            </Alert>
          )}
        </>
      )}
    </ReasonDialog>
  );
}

function Remarks({ of, nameOf }: { of: readonly MigrationRemark[]; nameOf: (node: string) => string }) {
  const { t, i18n } = useTranslation('process');
  return (
    <ul className={classes.remarks}>
      {of.map((remark, index) => (
        <li key={index}>
          {remark.node !== undefined && remark.node !== '' && <b>{nameOf(remark.node)}: </b>}
          {migrationIssueText(remark, t, i18n, nameOf)}
        </li>
      ))}
    </ul>
  );
}
