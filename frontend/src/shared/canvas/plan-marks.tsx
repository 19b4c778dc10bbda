// What an operation that is not done yet would do to each node: a bar at its left side, as a comparison draws it.

import { IconArrowRight, IconBan, IconEyeOff, IconPlayerPlayFilled } from '@tabler/icons-react';
import { createContext, use } from 'react';
import { useTranslation } from 'react-i18next';

import type { GraphNode } from '../graph/types';

/** Where it begins, what is stopped, what counts no more, what may come after. */
export type Fate = 'begins' | 'stopped' | 'forgotten' | 'ahead';

export type PlanMarks = Readonly<Record<string, Fate>>;

const NONE: PlanMarks = {};

export const PlanContext = createContext<PlanMarks>(NONE);

const ICONS = { begins: IconPlayerPlayFilled, stopped: IconBan, forgotten: IconEyeOff, ahead: IconArrowRight };

export function PlanBar({ node }: { node: GraphNode }) {
  const { t } = useTranslation('process');
  const fate = use(PlanContext)[node.id];
  if (fate === undefined) return null;
  const Icon = ICONS[fate];
  return (
    <span className="tkc-diff" data-fate={fate} data-testid={`plan-${node.id}`} role="img" aria-label={t(`plan.${fate}`)} title={t(`plan.${fate}`)}>
      <Icon size={11} stroke={2.5} />
    </span>
  );
}
