// What a node type says of itself: what it does, what it answers, which business errors it knows.

import { Code } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { localized, type NodeType } from '@/shared/graph/node-type';
import type { GraphNode } from '@/shared/graph/types';
import { currentLanguage } from '@/shared/i18n/i18n';

import { outputOf } from '../model/scope';
import classes from './panel.module.css';

export function NodeDocs({ node, type }: { node: GraphNode; type: NodeType | undefined }) {
  const { t } = useTranslation('designer');
  const locale = currentLanguage();
  const doc = type === undefined ? t(`docs.${node.kind}`) : localized(type.doc, locale);
  const output = type === undefined ? [] : outputOf({ id: node.id, kind: 'service_task', title: '', service: { type: type.type } }, { [type.type]: type }, locale);
  return (
    <>
      <h4 className={classes.section}>{t('docs.type')}</h4>
      <p className={classes.note} style={{ whiteSpace: 'pre-wrap' }}>
        {doc}
      </p>
      {type?.side_effects === true && <p className={classes.note}>{t('docs.side_effects')}</p>}
      {output.length > 0 && (
        <>
          <h4 className={classes.section}>{t('docs.output')}</h4>
          <dl className={classes.facts}>
            {output.map((name) => (
              <Fact key={name.name} name={`tasks.${node.id}.${name.name}`} text={name.title} />
            ))}
          </dl>
        </>
      )}
      {type !== undefined && type.errors.length > 0 && (
        <>
          <h4 className={classes.section}>{t('docs.errors')}</h4>
          <dl className={classes.facts}>
            {type.errors.map((error) => (
              <Fact key={error.code} name={error.code} text={localized(error.title, locale)} />
            ))}
          </dl>
        </>
      )}
    </>
  );
}

function Fact({ name, text }: { name: string; text: string }) {
  return (
    <>
      <dt>
        <Code>{name}</Code>
      </dt>
      <dd>{text}</dd>
    </>
  );
}
