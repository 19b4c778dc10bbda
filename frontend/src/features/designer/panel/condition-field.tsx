// The condition of a flow that leaves a choice: an expression that is true or false.

import { useTranslation } from 'react-i18next';

import { expressionSource } from '@/shared/graph/expression';
import type { GraphEdge } from '@/shared/graph/types';

import { useProblems } from '../hooks/designer-context';
import { useEdgeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { problemsOfField } from '../model/problems';
import { ExpressionInput } from '../fields/expression-input';
import { FieldFrame } from '../fields/field-frame';
import { Preview } from '../fields/preview';

export function ConditionField({ edge }: { edge: GraphEdge }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useEdgeEdit(edge.id);
  const scope = useScope(edge.from);
  const owner = { edge: edge.id };
  const wrong = problemsOfField(useProblems(), owner, '/condition').some((problem) => problem.severity === 'error');
  return (
    <FieldFrame field="/condition" owner={owner} label={t('edge.condition')}>
      <ExpressionInput
        label={t('edge.condition')}
        value={expressionSource(edge.condition ?? '')}
        placeholder="input.amount > 1000"
        invalid={wrong}
        scope={scope}
        onBlur={endTyping}
        onChange={(source) => {
          change({ key: 'step.condition', params: { title: edge.title ?? edge.id } }, { condition: source.trim() === '' ? '' : `=${source}` }, '/condition');
        }}
      />
      {edge.condition !== undefined && <Preview node={edge.from} value={edge.condition} />}
    </FieldFrame>
  );
}
