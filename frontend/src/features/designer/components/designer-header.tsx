// Name, version, saved state, problems, versions, start and publish, in the app's header.

import { ActionIcon, Button, Tooltip, UnstyledButton } from '@mantine/core';
import {
  IconAlertTriangleFilled, IconCheck, IconCloudOff, IconDeviceFloppy, IconExclamationCircleFilled, IconFlask, IconGitBranch, IconHistory, IconLoader2, IconPencil,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';

import { PageHeader } from '@/shared/ui/page-header';
import { Pill } from '@/shared/ui/pill';
import { useMay } from '@/shared/session/me';

import { useDraft, useProblems, useSession } from '../hooks/designer-context';
import { InterchangeMenu } from '../interchange/interchange-menu';
import { actionById } from '../model/registry';
import { PresenceAvatars } from '../presence/presence-avatars';
import classes from './designer-header.module.css';
import { DefinitionTitle } from './definition-title';
import { KeyHint } from './key-hint';

export function DesignerHeader() {
  const { t } = useTranslation('designer');
  const { title } = useSession();
  return (
    <PageHeader
      crumbs={[{ label: t('definitions'), to: '/definitions' }, { label: title }]}
      title={<DefinitionTitle />}
      meta={<VersionPills />}
      actions={<HeaderActions />}
    />
  );
}

function VersionPills() {
  const { t } = useTranslation('designer');
  const { context, latest, unpublished } = useSession();
  const may = useMay();
  const changes = useDraft((state) => state.changes);
  const dirty = useDraft((state) => state.phase !== 'saved');
  return (
    <div className={classes.pills}>
      <UnstyledButton
        className={classes.version}
        onClick={() => {
          context.ui.setState({ versions: true });
        }}
      >
        <Pill icon={<IconGitBranch size={13} />}>{latest === 0 ? t('header.never_published') : t('header.published', { version: latest })}</Pill>
      </UnstyledButton>
      {latest > 0 && (unpublished || changes > 0 || dirty) && <Pill tone="active">{t('header.unpublished')}</Pill>}
      {!may('definition.edit') && <Pill tone="wait" icon={<IconPencil size={13} />}>{t('header.read_only')}</Pill>}
    </div>
  );
}

function SaveState() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const phase = useDraft((state) => state.phase);
  const savedAt = useDraft((state) => state.savedAt);
  if (context.readOnly && phase === 'saved') return null;
  switch (phase) {
    case 'saved':
      return (
        <span className={classes.save} data-testid="save-state" data-phase={phase}>
          <IconCheck size={14} /> {t('save.saved', { time: dayjs(savedAt).format('HH:mm') })}
        </span>
      );
    case 'dirty':
    case 'saving':
      return (
        <span className={classes.save} data-testid="save-state" data-phase={phase}>
          <IconLoader2 size={14} className={phase === 'saving' ? 'tkc-spin' : undefined} /> {t('save.saving')}
        </span>
      );
    case 'offline':
      return (
        <Tooltip label={t('save.offline_hint')}>
          <span data-testid="save-state" data-phase={phase}>
            <Pill tone="wait" icon={<IconCloudOff size={13} />}>{t('save.offline')}</Pill>
          </span>
        </Tooltip>
      );
    case 'held':
      return (
        <span data-testid="save-state" data-phase={phase}>
          <Pill tone="wait" icon={<IconDeviceFloppy size={13} />}>{t('save.held')}</Pill>
        </span>
      );
    case 'conflict':
      return (
        <UnstyledButton
          data-testid="save-state"
          data-phase={phase}
          onClick={() => {
            context.ui.setState({ dialog: 'conflict' });
          }}
        >
          <Pill tone="bad" icon={<IconExclamationCircleFilled size={13} />}>{t('save.conflict')}</Pill>
        </UnstyledButton>
      );
    case 'refused':
      return (
        <Tooltip label={t('save.refused_hint')}>
          <span data-testid="save-state" data-phase={phase}>
            <Pill tone="bad" icon={<IconExclamationCircleFilled size={13} />}>{t('save.refused')}</Pill>
          </span>
        </Tooltip>
      );
  }
}

function ProblemsPill() {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const problems = useProblems();
  if (problems.length === 0) return null;
  const errors = problems.some((problem) => problem.severity === 'error');
  return (
    <UnstyledButton
      data-testid="problems-count"
      onClick={() => {
        context.ui.setState((state) => ({ dock: !state.dock }));
      }}
    >
      <Pill tone={errors ? 'bad' : 'wait'} icon={errors ? <IconExclamationCircleFilled size={13} /> : <IconAlertTriangleFilled size={13} />}>
        {t('problems', { count: problems.length })}
      </Pill>
    </UnstyledButton>
  );
}

function HeaderActions() {
  const { t } = useTranslation('designer');
  const { context, definition, latest } = useSession();
  const may = useMay();
  const publish = actionById('publish');
  return (
    <>
      <PresenceAvatars />
      <SaveState />
      <ProblemsPill />
      <Tooltip label={t('action.versions')}>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t('action.versions')}
          onClick={() => {
            context.ui.setState({ versions: true });
          }}
        >
          <IconHistory size={16} />
        </ActionIcon>
      </Tooltip>
      <InterchangeMenu />
      {!context.readOnly && (
        <Tooltip label={<KeyHint action="test" />}>
          <Button
            variant="default"
            leftSection={<IconFlask size={14} />}
            onClick={() => {
              actionById('test').run(context);
            }}
          >
            {t('header.test')}
          </Button>
        </Tooltip>
      )}
      {latest > 0 && may('process.start') && (
        <Button component={Link} to={`/processes/new?definition=${encodeURIComponent(definition)}`} variant="default" leftSection={<IconPlayerPlay size={14} />}>
          {t('header.start')}
        </Button>
      )}
      <Tooltip label={<KeyHint action="publish" />} disabled={!publish.enabled(context)}>
        <Button
          data-tour="publish"
          disabled={!context.mayPublish || context.readOnly}
          onClick={() => {
            publish.run(context);
          }}
        >
          {t('header.publish')}
        </Button>
      </Tooltip>
    </>
  );
}
