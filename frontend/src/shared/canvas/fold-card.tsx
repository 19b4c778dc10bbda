// What is folded: a sub-process as a card with a plus, the steps of a frame as a chip.

import { IconChevronRight, IconPlus, IconSquarePlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { type Fold } from '../graph/fold';
import type { GraphNode } from '../graph/types';
import { useCanvas } from './canvas-context';
import { NodeIcon } from './icons';
import { NodeFrame } from './node-frame';
import { nodeTint } from './tint';

export interface FoldCardProps {
  node: GraphNode;
  fold: Fold;
  selected: boolean;
  open: boolean;
  /** The marker of an activity that is repeated. */
  marker: React.ReactNode;
  subtitle: string | undefined;
}

export function FoldCard({ node, fold, selected, open, marker, subtitle }: FoldCardProps) {
  const { folding } = useCanvas();
  const { t } = useTranslation('designer');
  const chip = fold.what === 'frame';
  const title = node.title === '' ? t(chip ? 'frame.untitled' : `kind.${node.kind}`) : node.title;
  const unfold = (event: React.MouseEvent): void => {
    event.stopPropagation();
    folding?.onFold(node.id);
  };
  if (chip) {
    return (
      <NodeFrame node={node} shape="task" selected={selected} open={false} label={title} chip>
        <button type="button" className="tkc-fold nodrag nopan" aria-label={t('frame.unfold')} title={t('frame.unfold')} tabIndex={-1} onClick={unfold}>
          <IconChevronRight size={14} stroke={2} />
        </button>
        <span className="tkc-title">{title}</span>
        <span className="tkc-count">{t('frame.steps', { count: fold.count })}</span>
      </NodeFrame>
    );
  }
  return (
    <NodeFrame node={node} shape="task" selected={selected} open={open} label={title}>
      <span className={`tkc-tile tkc-tint-${nodeTint(node, undefined)}`}>
        <NodeIcon kind={node.kind} type={undefined} size={20} />
      </span>
      <span className="tkc-texts">
        <span className="tkc-title">{title}</span>
        <span className="tkc-subtitle">{subtitle ?? t('frame.steps', { count: fold.count })}</span>
      </span>
      <span className="tkc-markers">
        {marker}
        <button type="button" className="tkc-unfold nodrag nopan" aria-label={t('sub.unfold')} title={t('sub.unfold')} tabIndex={-1} onClick={unfold}>
          {folding === undefined ? <IconPlus size={13} /> : <IconSquarePlus size={15} stroke={1.75} />}
        </button>
      </span>
    </NodeFrame>
  );
}
