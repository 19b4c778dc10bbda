// What sets a start off: the clock, a message, a request of another system.

import { ActionIcon, Autocomplete, CopyButton, Group, SegmentedControl, Text, TextInput, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconRefresh } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFaultText } from '@/shared/api/fault-text';
import { schedulesOfQuery } from '@/shared/api/schedules';
import { secretsQuery } from '@/shared/api/secrets';
import { rotateWebhook, webhookQuery } from '@/shared/api/webhooks';
import { CronField } from '@/shared/cron/cron-field';
import type { GraphNode, StartEvent, Webhook } from '@/shared/graph/types';
import { useMay } from '@/shared/session/me';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { RemoveDialog } from '@/shared/ui/remove-dialog';

import { useSession } from '../hooks/designer-context';
import type { NodeEdit } from '../hooks/use-edit';
import { FieldFrame } from '../fields/field-frame';
import classes from './panel.module.css';

interface TriggerProps {
  node: GraphNode;
  start: StartEvent;
  edit: NodeEdit;
}

export function StartTrigger({ node, start, edit }: TriggerProps) {
  switch (start.kind) {
    case 'schedule':
      return <ScheduleTrigger node={node} start={start} edit={edit} />;
    case 'message':
      return <MessageTrigger node={node} start={start} edit={edit} />;
    case 'webhook':
      return <WebhookTrigger node={node} start={start} edit={edit} />;
    default:
      return null;
  }
}

function ScheduleTrigger({ node, start, edit }: TriggerProps) {
  const { t } = useTranslation('designer');
  const { definition } = useSession();
  const may = useMay();
  const found = useQuery({ ...schedulesOfQuery(definition), enabled: may('process.read') });
  const own = found.data?.find((each) => each.node_id === node.id);
  return (
    <>
      <FieldFrame field="/start/schedule" owner={{ node: node.id }} label={t('start.when')}>
        <CronField
          cron={start.schedule?.cron ?? ''}
          zone={start.schedule?.zone ?? ''}
          onBlur={edit.endTyping}
          onChange={({ cron, zone }) => {
            edit.change({ key: 'step.change_field', params: { field: t('start.when'), title: node.title } }, (each) => {
              const { zone: _, ...rest } = each.start?.schedule ?? { cron };
              return { ...each, start: { ...each.start, kind: 'schedule', schedule: { ...rest, cron, ...(zone === '' ? {} : { zone }) } } };
            }, '/start/schedule/cron');
          }}
        />
      </FieldFrame>
      <p className={classes.note}>
        {t(own === undefined ? 'start.schedule_later' : 'start.schedule_known')}{' '}
        {own === undefined ? (
          <AnchorLink to="/schedules" search={{ definition }} size="xs">
            {t('start.schedules')}
          </AnchorLink>
        ) : (
          <AnchorLink to="/schedules/$scheduleId" params={{ scheduleId: own.id }} size="xs">
            {t('start.schedule')}
          </AnchorLink>
        )}
      </p>
    </>
  );
}

function MessageTrigger({ node, start, edit }: TriggerProps) {
  const { t } = useTranslation('designer');
  return (
    <FieldFrame field="/start/message" owner={{ node: node.id }} label={t('message.name')} required description={t('start.message_hint')}>
      <TextInput
        aria-label={t('message.name')}
        value={start.message ?? ''}
        maxLength={100}
        placeholder="order.placed"
        onBlur={edit.endTyping}
        onChange={(event) => {
          const message = event.currentTarget.value;
          edit.change({ key: 'step.change_field', params: { field: t('message.name'), title: node.title } }, (each) => ({ ...each, start: { ...each.start, kind: 'message', message } }), '/start/message');
        }}
      />
    </FieldFrame>
  );
}

function WebhookTrigger({ node, start, edit }: TriggerProps) {
  const { t } = useTranslation('designer');
  const webhook = start.webhook ?? { check: 'path' };
  const set = (field: string, next: Webhook, typing?: string): void => {
    edit.change({ key: 'step.change_field', params: { field, title: node.title } }, (each) => ({ ...each, start: { ...each.start, kind: 'webhook', webhook: next } }), typing);
  };
  return (
    <>
      <FieldFrame field="/start/webhook/check" owner={{ node: node.id }} label={t('start.check')} description={t(`start.check_${webhook.check}_hint`)}>
        <SegmentedControl
          aria-label={t('start.check')}
          fullWidth
          size="xs"
          data={(['path', 'hmac'] as const).map((check) => ({ value: check, label: t(`start.check_${check}`) }))}
          value={webhook.check}
          onChange={(check) => {
            if (check === webhook.check) return;
            set(t('start.check'), check === 'hmac' ? { check, secret: '' } : { check: 'path' });
          }}
        />
      </FieldFrame>
      {webhook.check === 'hmac' && (
        <SecretField
          node={node.id}
          value={webhook.secret ?? ''}
          onBlur={edit.endTyping}
          onChange={(secret) => {
            set(t('start.secret'), { check: 'hmac', secret }, '/start/webhook/secret');
          }}
        />
      )}
      <Address node={node.id} check={webhook.check} />
    </>
  );
}

const PREFIX = 'secret://';

function SecretField({ node, value, onChange, onBlur }: { node: string; value: string; onChange: (value: string) => void; onBlur: () => void }) {
  const { t } = useTranslation('designer');
  const may = useMay();
  const secrets = useQuery({ ...secretsQuery, enabled: may('secret.read') });
  return (
    <FieldFrame field="/start/webhook/secret" owner={{ node }} label={t('start.secret')} required description={t('start.secret_hint')}>
      <Autocomplete
        aria-label={t('start.secret')}
        placeholder={`${PREFIX}orders`}
        data={(secrets.data?.items ?? []).map((secret) => PREFIX + secret.name)}
        value={value}
        onBlur={onBlur}
        onChange={onChange}
      />
    </FieldFrame>
  );
}

/** The address that other systems call, to copy; administrators give it another one. */
function Address({ node, check }: { node: string; check: Webhook['check'] }) {
  const { t } = useTranslation('designer');
  const fault = useFaultText();
  const { definition } = useSession();
  const may = useMay();
  const [asking, setAsking] = useState(false);
  const hook = useQuery({ ...webhookQuery(definition, node), enabled: may('definition.edit') });
  if (!may('definition.edit')) return <p className={classes.note}>{t('start.address_hidden')}</p>;
  const url = check === 'hmac' ? hook.data?.signed_url : hook.data?.path_url;
  return (
    <>
      <FieldFrame field="/start/webhook/url" owner={{ node }} label={t('start.address')} description={hook.data === undefined ? undefined : t(hook.data.live ? 'start.address_live' : 'start.address_later')}>
        {url === undefined ? (
          <Text size="sm" c={hook.isPending ? 'dimmed' : 'red'} role={hook.isPending ? undefined : 'alert'}>
            {hook.isPending ? t('start.address_asking') : hook.error === null ? t('start.no_key') : fault(hook.error)}
          </Text>
        ) : (
          <Group gap={6} wrap="nowrap">
            <TextInput readOnly value={url} aria-label={t('start.address')} style={{ flex: 1 }} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }} onFocus={(event) => { event.currentTarget.select(); }} />
            <CopyButton value={url}>
              {({ copied, copy }) => (
                <Tooltip label={t('common:action.copy')}>
                  <ActionIcon variant="default" size="lg" onClick={copy} aria-label={t('common:action.copy')}>
                    {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                  </ActionIcon>
                </Tooltip>
              )}
            </CopyButton>
            {check === 'path' && may('secret.manage') && (
              <Tooltip label={t('start.rotate')}>
                <ActionIcon
                  variant="default"
                  size="lg"
                  aria-label={t('start.rotate')}
                  onClick={() => {
                    setAsking(true);
                  }}
                >
                  <IconRefresh size={16} />
                </ActionIcon>
              </Tooltip>
            )}
          </Group>
        )}
      </FieldFrame>
      {asking && (
        <RotateDialog
          definition={definition}
          node={node}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

function RotateDialog({ definition, node, onClose }: { definition: string; node: string; onClose: () => void }) {
  const { t } = useTranslation('designer');
  const client = useQueryClient();
  return (
    <RemoveDialog
      title={t('start.rotate_title')}
      text={t('start.rotate_note')}
      confirm={t('start.rotate_confirm')}
      remove={async () => {
        client.setQueryData(webhookQuery(definition, node).queryKey, await rotateWebhook(definition, node));
      }}
      onRemoved={onClose}
      onClose={onClose}
    />
  );
}
