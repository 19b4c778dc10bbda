import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import {
  IconArrowsSort, IconBan, IconCopy, IconDots, IconLink, IconPlayerPause, IconPlayerPlay, IconRefresh, IconRotateClockwise2, IconTrash, IconVersions,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import type { Permit, ProcessLink } from '@/shared/api/types';
import type { LiveProcess } from '@/shared/run/live-process';
import { useMay } from '@/shared/session/me';
import { AnchorLink } from '@/shared/ui/anchor-link';
import { Moment, Span } from '@/shared/ui/moment';
import { PageHeader } from '@/shared/ui/page-header';
import { Pill } from '@/shared/ui/pill';
import { StatusBadge } from '@/shared/ui/status';

import type { Selection } from '../hooks/use-selection';
import type { Operation } from './operation-dialogs';
import { usePermitReason } from './permit-reason';
import classes from './process-header.module.css';

interface ProcessHeaderProps {
  live: LiveProcess;
  selection: Selection;
  onOperate: (operation: Operation) => void;
}

/** customId first, then definition and version, status, priority, started, duration, actions. */
export function ProcessHeader({ live, selection, onOperate }: ProcessHeaderProps) {
  const { t } = useTranslation('process');
  const { process } = live;
  return (
    <PageHeader
      crumbs={[{ label: t('crumb'), to: '/processes' }, ...above(process.ancestors ?? []), { label: process.custom_id }]}
      meta={
        <>
          <StatusBadge state={process.state} />
          <Pill>
            <AnchorLink to="/definitions/$key" params={{ key: process.definition }} inherit c="inherit" underline="hover">
              {process.definition_title || process.definition}
            </AnchorLink>
            · {process.version < 0 ? t('trial:draft') : `v${process.version}`}
          </Pill>
          {process.incidents_below !== undefined && process.incidents_below > 0 && (
            <Pill tone="bad" data-testid="incidents-below">
              {t('incidents_below', { count: process.incidents_below })}
            </Pill>
          )}
          <Pill>{t('priority', { n: process.priority })}</Pill>
          <Pill>
            {process.started_at ? (
              <>
                {t('started')} <Moment at={process.started_at} /> · <Span from={process.started_at} to={process.ended_at} />
              </>
            ) : (
              <>
                {t('scheduled')} <Moment at={process.scheduled_at} />
              </>
            )}
          </Pill>
          {process.ends_by !== undefined && (
            <Pill data-testid="ends-by">
              {t('ends_by')} <Moment at={process.ends_by} />
            </Pill>
          )}
          <StartedBy live={live} />
          <Relatives live={live} />
        </>
      }
      actions={<Actions live={live} selection={selection} onOperate={onOperate} />}
    />
  );
}

/** Who called the process, the outermost first. */
function above(ancestors: readonly ProcessLink[]) {
  return ancestors.map((each) => ({ label: each.definition_title || each.definition, to: `/processes/${each.id}` }));
}

/** What set the process off: a schedule, a message, a webhook, or whoever asked for it. */
function StartedBy({ live }: { live: LiveProcess }) {
  const { t } = useTranslation('process');
  const { trigger, created_by: by } = live.process;
  if (trigger === undefined) return by ? <Pill>{t('started_by.person', { name: by })}</Pill> : null;
  const text = t(`started_by.${trigger.kind}`, { name: trigger.name ?? '' });
  return (
    <Pill>
      {text}
    </Pill>
  );
}

function Relatives({ live }: { live: LiveProcess }) {
  const { t } = useTranslation('process');
  const from = live.process.restarted_from;
  const as = live.process.restarted_as?.at(-1);
  return (
    <>
      {from && (
        <AnchorLink to="/processes/$processId" params={{ processId: from }} size="xs">
          {t('restarted_from')}
        </AnchorLink>
      )}
      {as && (
        <AnchorLink to="/processes/$processId" params={{ processId: as }} size="xs">
          {t('restarted_as')}
        </AnchorLink>
      )}
    </>
  );
}

const forbidden: Permit = { allowed: false, reason: 'forbidden' };

function Actions({ live, selection, onOperate }: ProcessHeaderProps) {
  const { t } = useTranslation('process');
  const may = useMay();
  const reasonOf = usePermitReason();
  const permits = live.process.actions;
  const permit = (name: 'cancel' | 'suspend' | 'resume' | 'restart'): Permit =>
    may('process.operate') ? permits[name] : forbidden;
  const suspended = live.process.state === 'suspended';
  const suspend = permit(suspended ? 'resume' : 'suspend');
  const broken = Object.values(live.tasks).filter((task) => task.state === 'incident');
  const target = broken.find((task) => task.id === selection.task) ?? (broken.length === 1 ? broken[0] : undefined);
  const copy = (text: string, message: string) => {
    void navigator.clipboard.writeText(text).then(() => {
      notifications.show({ message, color: 'teal' });
    });
  };
  return (
    <>
      <Tooltip label={suspend.allowed ? t(suspended ? 'resume_hint' : 'suspend_hint') : reasonOf(suspend)}>
        <Button
          variant="default"
          data-disabled={!suspend.allowed || undefined}
          aria-disabled={!suspend.allowed}
          leftSection={suspended ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
          onClick={() => {
            if (suspend.allowed) onOperate({ kind: suspended ? 'resume' : 'suspend' });
          }}
        >
          {t(suspended ? 'action.resume' : 'action.suspend')}
        </Button>
      </Tooltip>
      <Menu position="bottom-end" width={264}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t('common:action.more')}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <MenuAction
            icon={<IconRotateClockwise2 size={16} stroke={1.7} />}
            label={t('action.restart')}
            permit={permit('restart')}
            onClick={() => {
              onOperate({ kind: 'restart' });
            }}
          />
          <MenuAction
            icon={<IconVersions size={16} stroke={1.7} />}
            label={t('action.migrate')}
            // Only what has not ended can go on: the same permit as for cancelling.
            permit={live.process.version < 0 ? { allowed: false, reason: 'migrate.test' } : permit('cancel')}
            onClick={() => {
              onOperate({ kind: 'migrate' });
            }}
          />
          <MenuAction
            icon={<IconArrowsSort size={16} stroke={1.7} />}
            label={t('action.priority')}
            // Whatever has ended is queued no more: the same permit as for cancelling.
            permit={permit('cancel')}
            onClick={() => {
              onOperate({ kind: 'priority' });
            }}
          />
          <MenuAction
            icon={<IconBan size={16} stroke={1.7} />}
            label={t('action.cancel')}
            permit={permit('cancel')}
            danger
            onClick={() => {
              onOperate({ kind: 'cancel' });
            }}
          />
          {may('process.delete') && (
            <MenuAction
              icon={<IconTrash size={16} stroke={1.7} />}
              label={t('action.delete')}
              permit={{ allowed: true }}
              danger
              onClick={() => {
                onOperate({ kind: 'delete' });
              }}
            />
          )}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconLink size={16} stroke={1.7} />}
            onClick={() => {
              copy(window.location.href, t('copied_link'));
            }}
          >
            {t('action.copy_link')}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy size={16} stroke={1.7} />}
            onClick={() => {
              copy(live.process.id, t('copied_id'));
            }}
          >
            {t('action.copy_id')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {broken.length > 0 && may('process.operate') && (
        <Tooltip label={target ? t('retry_hint', { title: target.title }) : t('retry_choose')}>
          <Button
            leftSection={<IconRefresh size={15} />}
            data-disabled={!target || undefined}
            aria-disabled={!target}
            onClick={() => {
              if (target) onOperate({ kind: 'retry', task: target.id });
            }}
          >
            {t('action.retry')}
          </Button>
        </Tooltip>
      )}
    </>
  );
}

interface MenuActionProps {
  icon: React.ReactNode;
  label: string;
  permit: Permit;
  danger?: boolean;
  onClick: () => void;
}

function MenuAction({ icon, label, permit, danger, onClick }: MenuActionProps) {
  const reasonOf = usePermitReason();
  return (
    <Menu.Item leftSection={icon} color={danger ? 'red' : undefined} disabled={!permit.allowed} onClick={onClick}>
      {label}
      {!permit.allowed && <span className={classes.whyNot}>{reasonOf(permit)}</span>}
    </Menu.Item>
  );
}
