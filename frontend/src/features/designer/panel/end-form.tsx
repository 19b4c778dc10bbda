// How a path ends: quietly, with an error, or with everything else; and what the process answers.

import { SegmentedControl, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { EndEvent, EndKind, GraphNode, Value } from '@/shared/graph/types';

import { useNodeEdit } from '../hooks/use-edit';
import { useScope } from '../hooks/use-scope';
import { FieldFrame } from '../fields/field-frame';
import { ValueField } from '../fields/value-field';
import { ValueMapInput } from '../fields/value-map-input';
import classes from './panel.module.css';
import { UndoesField } from './undo-form';

const KINDS: readonly EndKind[] = ['none', 'error', 'terminate', 'compensate'];

/** Code and message are of error ends only; empty members are left out. */
function tidy(end: EndEvent): EndEvent {
  const next: EndEvent = { kind: end.kind };
  if (end.kind === 'error' && end.code !== undefined && end.code !== '') next.code = end.code;
  if (end.kind === 'error' && end.message !== undefined) next.message = end.message;
  if (end.output !== undefined && Object.keys(end.output).length > 0) next.output = end.output;
  return next;
}

function isKind(value: string): value is EndKind {
  return KINDS.some((kind) => kind === value);
}

export function EndForm({ node, end }: { node: GraphNode; end: EndEvent }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  const scope = useScope(node.id);
  const owner = { node: node.id };
  const set = (field: string, next: EndEvent, typing?: string): void => {
    change({ key: 'step.change_field', params: { field, title: node.title } }, ({ undoes, ...each }) => ({ ...each, end: tidy(next), ...(next.kind === 'compensate' && undoes !== undefined && { undoes }) }), typing);
  };
  const setMessage = (message: Value | undefined, typing: boolean): void => {
    const { message: _, ...rest } = end;
    set(t('end.message'), message === undefined ? rest : { ...rest, message }, typing ? '/end/message' : undefined);
  };
  return (
    <>
      <FieldFrame field="/end/kind" owner={owner} label={t('end.kind')} description={t(`end.${end.kind}_text`)}>
        <SegmentedControl
          aria-label={t('end.kind')}
          fullWidth
          size="xs"
          data={KINDS.map((kind) => ({ value: kind, label: t(`end.${kind}`) }))}
          value={end.kind}
          onChange={(kind) => {
            if (isKind(kind)) set(t('end.kind'), { ...end, kind });
          }}
        />
      </FieldFrame>
      {end.kind === 'compensate' && <UndoesField node={node} />}
      {end.kind === 'error' && (
        <>
          <FieldFrame field="/end/code" owner={owner} label={t('end.code')} required description={t('end.code_text')}>
            <TextInput
              aria-label={t('end.code')}
              value={end.code ?? ''}
              placeholder="DOCUMENT_REJECTED"
              onBlur={endTyping}
              onChange={(event) => {
                set(t('end.code'), { ...end, code: event.currentTarget.value.toUpperCase().replaceAll(/[^A-Z0-9_.]+/g, '_') }, '/end/code');
              }}
            />
          </FieldFrame>
          <ValueField
            name="message"
            label={t('end.message')}
            schema={{ type: 'string' }}
            root={{}}
            required={false}
            value={end.message}
            field="/end/message"
            owner={owner}
            node={node.id}
            scope={scope}
            onBlur={endTyping}
            onChange={setMessage}
          />
        </>
      )}
      <h4 className={classes.section}>{t('end.output')}</h4>
      <p className={classes.note}>{t('end.output_hint')}</p>
      <FieldFrame field="/end/output" owner={owner} label={t('end.output_names')}>
        <ValueMapInput
          values={end.output ?? {}}
          field="/end/output"
          owner={owner}
          node={node.id}
          scope={scope}
          stem="result"
          onBlur={endTyping}
          onChange={(output, typing) => {
            set(t('end.output'), { ...end, output }, typing ? '/end/output' : undefined);
          }}
        />
      </FieldFrame>
    </>
  );
}
