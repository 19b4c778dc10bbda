import { ActionIcon, Button, Group, Stack, Switch, Text, Tooltip } from '@mantine/core';
import { IconMail, IconPencil, IconPlus, IconSend, IconTrash, IconWebhook } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import type { AlertRule } from '@/shared/api/types';
import { formatPeriod } from '@/shared/format/duration';
import { useMay } from '@/shared/session/me';
import table from '@/shared/ui/data-table.module.css';
import { ErrorState, LoadingRows } from '@/shared/ui/faces';
import { Card } from '@/shared/ui/page';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { alertRules, rulesQuery } from '../api/alerts-api';
import { fieldsOfRule } from '../model/rule-form';
import { RuleDialog } from './rule-dialog';
import { TestDialog } from './test-dialog';

type Asked = { what: 'add' } | { what: 'edit' | 'remove' | 'test'; rule: AlertRule };

export function RulesCard() {
  const { t } = useTranslation('alerts');
  const may = useMay();
  const rules = useQuery(rulesQuery);
  const [asked, setAsked] = useState<Asked>();
  const close = () => {
    setAsked(undefined);
  };
  return (
    <Card
      flush
      title={t('rules')}
      aside={
        may('alert.manage') && (
          <Button
            variant="default"
            leftSection={<IconPlus size={15} />}
            onClick={() => {
              setAsked({ what: 'add' });
            }}
          >
            {t('rule.add')}
          </Button>
        )
      }
    >
      {rules.error ? (
        <ErrorState error={rules.error} onRetry={() => void rules.refetch()} />
      ) : rules.isPending ? (
        <LoadingRows rows={4} />
      ) : rules.data.items.length === 0 ? (
        <Text size="sm" c="dimmed" p="md">
          {t('no_rules')}
        </Text>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th>{t('rule.on')}</th>
              <th>{t('rule.what')}</th>
              <th>{t('rule.watches')}</th>
              <th>{t('rule.tells')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {rules.data.items.map((rule) => (
              <RuleRow key={rule.id} rule={rule} manage={may('alert.manage')} onAsk={setAsked} />
            ))}
          </tbody>
        </table>
      )}
      {(asked?.what === 'add' || asked?.what === 'edit') && (
        <RuleDialog rule={asked.what === 'edit' ? asked.rule : undefined} mailConfigured={rules.data?.mail_configured ?? true} onClose={close} />
      )}
      {asked?.what === 'test' && <TestDialog rule={asked.rule} onClose={close} />}
      {asked?.what === 'remove' && <RemoveRule rule={asked.rule} onClose={close} />}
    </Card>
  );
}

interface RuleRowProps {
  rule: AlertRule;
  manage: boolean;
  onAsk: (asked: Asked) => void;
}

function RuleRow({ rule, manage, onAsk }: RuleRowProps) {
  const { t } = useTranslation('alerts');
  const fault = useFaultText();
  const client = useQueryClient();
  const name = rule.name === '' ? t(`kind.${rule.kind}`) : rule.name;
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => alertRules.update(rule.id, fieldsOfRule(rule, enabled)),
    onSettled: () => client.invalidateQueries({ queryKey: rulesQuery.queryKey }),
  });
  const reaches = rule.emails.length > 0 || rule.webhook_url !== undefined;
  return (
    <tr data-testid="alert-rule">
      <td>
        <Tooltip label={t('rule.reaches_nobody')} disabled={reaches}>
          <Switch
            aria-label={t('rule.switch', { name })}
            checked={rule.enabled}
            disabled={!manage || toggle.isPending || (!reaches && !rule.enabled)}
            onChange={(event) => {
              toggle.mutate(event.currentTarget.checked);
            }}
          />
        </Tooltip>
        {toggle.error && (
          <Text size="xs" c="red" role="alert">
            {fault(toggle.error)}
          </Text>
        )}
      </td>
      <td>
        <div className={table.strong}>{name}</div>
        {rule.name !== '' && <div className={table.muted}>{t(`kind.${rule.kind}`)}</div>}
      </td>
      <td>
        <Watches rule={rule} />
      </td>
      <td>
        <Tells rule={rule} />
      </td>
      <td className={table.number}>
        {manage && (
          <Group gap={4} justify="flex-end" wrap="nowrap">
            <Tooltip label={t('test.send')}>
              <ActionIcon
                aria-label={t('test.send_of', { name })}
                disabled={!reaches}
                onClick={() => {
                  onAsk({ what: 'test', rule });
                }}
              >
                <IconSend size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t('rule.edit')}>
              <ActionIcon
                aria-label={t('rule.edit_of', { name })}
                onClick={() => {
                  onAsk({ what: 'edit', rule });
                }}
              >
                <IconPencil size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t('common:action.delete')}>
              <ActionIcon
                aria-label={t('rule.remove_of', { name })}
                onClick={() => {
                  onAsk({ what: 'remove', rule });
                }}
              >
                <IconTrash size={16} stroke={1.7} />
              </ActionIcon>
            </Tooltip>
          </Group>
        )}
      </td>
    </tr>
  );
}

function Watches({ rule }: { rule: AlertRule }) {
  const { t, i18n } = useTranslation('alerts');
  const ofProcess = rule.kind === 'incident_opened' || rule.kind === 'process_over_time';
  const parts = ofProcess ? [rule.definition ?? t('rule.any_definition')] : [rule.pool ?? t('rule.any_pool')];
  if (rule.error_code !== undefined) parts.push(rule.error_code);
  if (rule.after_s > 0) parts.push(t('rule.longer', { time: formatPeriod(rule.after_s * 1000, t, i18n.language) }));
  return <>{parts.join(' · ')}</>;
}

function Tells({ rule }: { rule: AlertRule }) {
  const { t } = useTranslation('alerts');
  if (rule.emails.length === 0 && rule.webhook_url === undefined) return <span className={table.muted}>{t('rule.nobody')}</span>;
  return (
    <Stack gap={2}>
      {rule.emails.length > 0 && (
        <Group gap={6} wrap="nowrap">
          <IconMail size={15} stroke={1.7} />
          <Text size="sm" truncate maw={260} title={rule.emails.join(', ')}>
            {rule.emails.join(', ')}
          </Text>
        </Group>
      )}
      {rule.webhook_url !== undefined && (
        <Group gap={6} wrap="nowrap">
          <IconWebhook size={15} stroke={1.7} />
          <Text size="sm" truncate maw={260}>
            {hostOf(rule.webhook_url)}
          </Text>
        </Group>
      )}
    </Stack>
  );
}

function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}

function RemoveRule({ rule, onClose }: { rule: AlertRule; onClose: () => void }) {
  const { t } = useTranslation('alerts');
  const client = useQueryClient();
  return (
    <RemoveDialog
      title={t('rule.remove_title', { name: rule.name === '' ? t(`kind.${rule.kind}`) : rule.name })}
      text={t('rule.remove_text')}
      remove={() => alertRules.remove(rule.id)}
      onRemoved={() => Promise.all([client.invalidateQueries({ queryKey: rulesQuery.queryKey }), client.invalidateQueries({ queryKey: ['alerts'] })])}
      onClose={onClose}
    />
  );
}
