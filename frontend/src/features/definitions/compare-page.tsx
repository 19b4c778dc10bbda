// Two documents of one definition side by side in one picture: /definitions/$key/compare.

import { ActionIcon, Select, Tooltip } from '@mantine/core';
import { IconArrowNarrowRight, IconArrowsExchange } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { definitionQuery, nodeTypesQuery, readDraft, readVersion, versionsQuery } from '@/shared/api/definitions';
import type { NodeType, VersionSummary } from '@/shared/api/types';
import { NOTHING_SELECTED, type CanvasSelection } from '@/shared/canvas/canvas-context';
import type { CanvasApi } from '@/shared/canvas/use-canvas-api';
import { compareDocuments, isSame, sameMeaning, type Difference } from '@/shared/compare/compare';
import { DiffCanvas } from '@/shared/compare/diff-canvas';
import { DifferenceList } from '@/shared/compare/difference-list';
import type { NodeTypeMap } from '@/shared/graph/node-type';
import type { GraphDocument } from '@/shared/graph/types';
import { EmptyState, ErrorState, LoadingRows } from '@/shared/ui/faces';
import { PageHeader } from '@/shared/ui/page-header';

import classes from './compare-page.module.css';
import type { Source } from './model/compare-search';

interface Read {
  document: GraphDocument;
  types: NodeType[];
}

function useSource(key: string, source: number | 'draft' | undefined) {
  return useQuery({
    queryKey: ['definitions', 'compared', key, source],
    queryFn: async ({ signal }): Promise<Read> => {
      if (source === 'draft') return { document: (await readDraft(key, signal)).document, types: [] };
      const { document, node_types: types } = await readVersion(key, source ?? 0);
      return { document, types };
    },
    enabled: source !== undefined,
    // A version never changes; the draft is read anew with each visit.
    staleTime: source === 'draft' ? 0 : Infinity,
    gcTime: source === 'draft' ? 0 : 300_000,
    refetchOnWindowFocus: false,
  });
}

export function ComparePage() {
  const { t } = useTranslation('compare');
  const { key } = useParams({ from: '/definitions/$key/compare' });
  const { from = 'latest', to = 'draft' } = useSearch({ from: '/definitions/$key/compare' });
  const navigate = useNavigate();
  const summary = useQuery(definitionQuery(key));
  const versions = useQuery(versionsQuery(key));
  const title = summary.data?.title ?? key;
  const numbered = (source: Source): number | 'draft' | undefined => {
    if (source !== 'latest') return source;
    return summary.data === undefined || summary.data.latest === 0 ? undefined : summary.data.latest;
  };
  const choose = (side: { from?: Source; to?: Source }): void => {
    void navigate({ to: '/definitions/$key/compare', params: { key }, search: { from, to, ...side }, replace: true });
  };
  const [before, after] = [numbered(from), numbered(to)];
  return (
    <>
      <PageHeader
        crumbs={[{ label: t('definitions:title'), to: '/definitions' }, { label: title, to: `/definitions/${key}` }, { label: t('title') }]}
        actions={
          <div className={classes.choice}>
            <SourceSelect label={t('from')} value={before} versions={versions.data ?? []} onChange={(value) => { choose({ from: value }); }} />
            <IconArrowNarrowRight size={16} aria-hidden />
            <SourceSelect label={t('to')} value={after} versions={versions.data ?? []} onChange={(value) => { choose({ to: value }); }} />
            <Tooltip label={t('swap')}>
              <ActionIcon variant="default" size={30} aria-label={t('swap')} onClick={() => { choose({ from: to, to: from }); }}>
                <IconArrowsExchange size={16} />
              </ActionIcon>
            </Tooltip>
          </div>
        }
      />
      {summary.isError && <ErrorState error={summary.error} onRetry={() => void summary.refetch()} />}
      {summary.data?.latest === 0 && (from === 'latest' || to === 'latest') && <EmptyState icon={IconArrowsExchange} title={t('nothing_published')} />}
      {before !== undefined && after !== undefined && <Compared definition={key} before={before} after={after} />}
    </>
  );
}

interface SourceSelectProps {
  label: string;
  value: number | 'draft' | undefined;
  versions: readonly VersionSummary[];
  onChange: (source: Source) => void;
}

function SourceSelect({ label, value, versions, onChange }: SourceSelectProps) {
  const { t } = useTranslation('compare');
  const known = versions.map((version) => ({
    value: String(version.number),
    label: version.latest ? `${t('version', { number: version.number })} · ${t('latest')}` : t('version', { number: version.number }),
  }));
  const data = [{ value: 'draft', label: t('draft') }, ...known];
  const chosen = value === undefined ? null : String(value);
  return (
    <Select
      aria-label={label}
      w={184}
      allowDeselect={false}
      value={chosen}
      // A version so old that the list does not reach it is still what is compared.
      data={chosen === null || data.some((each) => each.value === chosen) ? data : [...data, { value: chosen, label: t('version', { number: chosen }) }]}
      onChange={(next) => {
        if (next !== null) onChange(next === 'draft' ? 'draft' : Number(next));
      }}
    />
  );
}

function Compared({ definition, before, after }: { definition: string; before: number | 'draft'; after: number | 'draft' }) {
  const [first, second] = [useSource(definition, before), useSource(definition, after)];
  const error = first.error ?? second.error;
  if (error !== null) {
    return (
      <ErrorState
        error={error}
        onRetry={() => {
          void first.refetch();
          void second.refetch();
        }}
      />
    );
  }
  if (first.data === undefined || second.data === undefined) return <LoadingRows rows={8} />;
  return <Both key={`${before}-${after}`} before={first.data} after={second.data} />;
}

function Both({ before, after }: { before: Read; after: Read }) {
  const { t } = useTranslation('compare');
  const catalog = useQuery(nodeTypesQuery);
  const [selection, setSelection] = useState<CanvasSelection>(NOTHING_SELECTED);
  const canvas = useRef<CanvasApi | null>(null);
  const comparison = useMemo(() => compareDocuments(before.document, after.document), [before, after]);
  const types = useMemo<NodeTypeMap>(
    () => Object.fromEntries([...(catalog.data ?? []), ...before.types, ...after.types].map((type) => [type.type, type])),
    [catalog.data, before, after],
  );
  const pick = (item: Difference): void => {
    setSelection(item.of === 'node' ? { nodes: [item.id], edges: [] } : item.of === 'edge' ? { nodes: [], edges: [item.id] } : NOTHING_SELECTED);
    const end = item.of === 'edge' ? [...after.document.edges, ...before.document.edges].find((edge) => edge.id === item.id)?.from : item.id;
    if (end !== undefined) canvas.current?.show(end);
  };
  return (
    <div className={classes.compared} data-testid="compared">
      <div className={classes.canvas}>
        <DiffCanvas
          before={before.document}
          after={after.document}
          comparison={comparison}
          nodeTypes={types}
          selection={selection}
          onSelect={setSelection}
          apiRef={canvas}
        />
      </div>
      <aside className={classes.list} aria-label={t('title')}>
        {!isSame(comparison) && sameMeaning(comparison) && <p className={classes.note}>{t('same_meaning')}</p>}
        <DifferenceList comparison={comparison} before={before.document} after={after.document} onPick={pick} picked={selection.nodes[0] ?? selection.edges[0]} />
      </aside>
    </div>
  );
}
