// A script builds an object: names and the expressions that make their values.

import { useTranslation } from 'react-i18next';

import type { GraphNode, ScriptTask } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { FieldFrame } from '../fields/field-frame';
import { ValueMapInput } from '../fields/value-map-input';
import classes from './panel.module.css';

export function ScriptForm({ node, script }: { node: GraphNode; script: ScriptTask }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  return (
    <>
      <p className={classes.note}>{t('script.hint', { id: node.id })}</p>
      <FieldFrame field="/script/output" owner={{ node: node.id }} label={t('script.output')}>
        <ValueMapInput
          values={script.output}
          field="/script/output"
          owner={{ node: node.id }}
          node={node.id}
          scope={scope}
          onBlur={endTyping}
          onChange={(output, typing) => {
            const label = { key: 'step.change_field', params: { field: t('script.output'), title: node.title } };
            change(label, (each) => ({ ...each, script: { output } }), typing ? '/script/output' : undefined);
          }}
        />
      </FieldFrame>
    </>
  );
}
