// All definitions: what is published, what runs, what waits for help.

import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconGitBranch, IconHierarchy3, IconPlayerPlay, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionsQuery } from '@/shared/api/definitions';
import type { DefinitionSummary, Pause } from '@/shared/api/types';
import type { TemplateName } from '@/shared/definition/templates';
import { VersionsDrawer } from '@/shared/definition/versions-drawer';
import { PauseControl, PausePill } from '@/shared/pause/pause-control';
import { pausesQuery } from '@/shared/pause/pauses-api';
import { useMay } from '@/shared/session/me';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { RelativeTime } from '@/shared/ui/moment';
import { PageHeader } from '@/shared/ui/page-header';
import { Pill } from '@/shared/ui/pill';

import { CreateDialog } from './components/create-dialog';
import { TemplateCards } from './components/template-cards';
import classes from './definitions-page.module.css';

export function DefinitionsPage() {
  const { t } = useTranslation('definitions');
  const may = useMay();
  const [query, setQuery] = useState('');
  const [asked] = useDebouncedValue(query.trim(), 200);
  const [creating, setCreating] = useState<TemplateName>();
  const [versionsOf, setVersionsOf] = useState<DefinitionSummary>();
  const list = useQuery({ ...definitionsQuery(asked), refetchInterval: 10_000, placeholderData: (before) => before });
  const mayEdit = may('definition.edit');
  const create = (template: TemplateName): void => {
    setCreating(template);
  };
  const items = list.data?.items;
  return (
    <>
      <PageHeader
        crumbs={[{ label: t('title') }]}
        actions={
          mayEdit && (
            <Button
              leftSection={<IconPlus size={15} />}
              onClick={() => {
                create('blank');
              }}
            >
              {t('create')}
            </Button>
          )
        }
      />
      <div className={classes.page}>
        {(items === undefined || items.length > 0 || asked !== '') && (
          <TextInput
            className={classes.search}
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<IconSearch size={15} />}
            value={query}
            onChange={(event) => {
              setQuery(event.currentTarget.value);
            }}
          />
        )}
        {list.isError && items === undefined && <ErrorState error={list.error} onRetry={() => void list.refetch()} />}
        {list.isPending && <LoadingRows rows={6} height={52} />}
        {items?.length === 0 && asked === '' && (
          <EmptyState icon={IconHierarchy3} title={t('empty')} action={mayEdit ? <TemplateCards onPick={create} /> : undefined}>
            {t('empty_text')}
          </EmptyState>
        )}
        {items?.length === 0 && asked !== '' && <EmptyState icon={IconSearch} title={t('nothing', { query: asked })} />}
        {items !== undefined && items.length > 0 && <DefinitionTable items={items} onVersions={setVersionsOf} />}
      </div>
      {creating !== undefined && (
        <CreateDialog
          template={creating}
          onClose={() => {
            setCreating(undefined);
          }}
        />
      )}
      <VersionsDrawer
        definition={versionsOf?.key ?? ''}
        title={versionsOf?.title ?? ''}
        opened={versionsOf !== undefined}
        onClose={() => {
          setVersionsOf(undefined);
        }}
      />
    </>
  );
}

interface DefinitionTableProps {
  items: readonly DefinitionSummary[];
  onVersions: (definition: DefinitionSummary) => void;
}

function DefinitionTable({ items, onVersions }: DefinitionTableProps) {
  const { t } = useTranslation('definitions');
  const pauses = useQuery(pausesQuery);
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th>{t('column.title')}</th>
          <th>{t('column.version')}</th>
          <th className={classes.number}>{t('column.running')}</th>
          <th className={classes.number}>{t('column.incidents')}</th>
          <th>{t('column.updated')}</th>
          <th aria-label={t('open')} />
        </tr>
      </thead>
      <tbody>
        {items.map((definition) => (
          <DefinitionRow
            key={definition.key}
            definition={definition}
            pause={pauses.data?.find((pause) => pause.kind === 'definition' && pause.name === definition.key)}
            onVersions={onVersions}
          />
        ))}
      </tbody>
    </table>
  );
}

interface DefinitionRowProps {
  definition: DefinitionSummary;
  pause: Pause | undefined;
  onVersions: (definition: DefinitionSummary) => void;
}

function DefinitionRow({ definition, pause, onVersions }: DefinitionRowProps) {
  const { t } = useTranslation('definitions');
  const may = useMay();
  const { key, title, latest, unpublished, running, incidents } = definition;
  return (
    <tr data-testid={`definition-${key}`}>
      <td>
        <Link to="/definitions/$key" params={{ key }} className={classes.name}>
          <span className={classes.tile}>
            <IconHierarchy3 size={18} stroke={1.75} />
          </span>
          <span className={classes.texts}>
            <b>{title}</b>
            <small>{key}</small>
          </span>
        </Link>
      </td>
      <td>
        <span className={classes.pills}>
          {latest === 0 ? <Pill>{t('draft_only')}</Pill> : <Pill tone="ok">v{latest}</Pill>}
          {latest > 0 && unpublished && <Pill tone="active">{t('unpublished')}</Pill>}
          {pause !== undefined && <PausePill pause={pause} />}
        </span>
      </td>
      <td className={classes.number}>{running > 0 ? running : <span className={classes.none}>—</span>}</td>
      <td className={classes.number}>{incidents > 0 ? <Pill tone="bad">{incidents}</Pill> : <span className={classes.none}>—</span>}</td>
      <td className={classes.changed}>
        <RelativeTime at={definition.updated_at} />
        <small>{definition.updated_by}</small>
      </td>
      <td>
        <span className={classes.actions}>
          {latest > 0 && <PauseControl kind="definition" name={key} title={title} pause={pause} />}
          {latest > 0 && (
            <Tooltip label={t('versions_of', { title })}>
              <ActionIcon
                size={30}
                aria-label={t('versions_of', { title })}
                onClick={() => {
                  onVersions(definition);
                }}
              >
                <IconGitBranch size={17} />
              </ActionIcon>
            </Tooltip>
          )}
          {latest > 0 && may('process.start') && (
            <Tooltip label={t('start')}>
              <ActionIcon component={Link} to={`/processes/new?definition=${encodeURIComponent(key)}`} size={30} aria-label={`${t('start')}: ${title}`}>
                <IconPlayerPlay size={17} />
              </ActionIcon>
            </Tooltip>
          )}
        </span>
      </td>
    </tr>
  );
}
