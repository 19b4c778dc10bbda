// The list of problems below the canvas, by node; a click goes to the very field.

import { ActionIcon, ScrollArea } from '@mantine/core';
import { IconAlertTriangleFilled, IconCircleCheck, IconExclamationCircleFilled, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

import { nodeById } from '@/shared/graph/query';

import { useCatalog, useDocument, useProblems, useSession, useUi } from '../hooks/designer-context';
import { goTo } from '../model/go-to';
import { problemText, tablePlace } from '../model/problem-text';
import { groupByNode } from '../model/problems';
import { FixButtons } from './fix-buttons';
import { NodeTile } from './item-tile';
import classes from './problems-dock.module.css';

export function ProblemsDock() {
  const { t } = useTranslation(['designer', 'problems']);
  const { context } = useSession();
  const { types } = useCatalog();
  const opened = useUi((state) => state.dock);
  const doc = useDocument();
  const problems = useProblems();
  if (!opened) return null;
  const groups = groupByNode(problems, doc);
  return (
    <section className={classes.dock} aria-label={t('dock.title')} data-testid="problems-dock">
      <header className={classes.header}>
        <h2 className={classes.title}>{t('dock.title')}</h2>
        <span className={classes.count}>{problems.length === 0 ? '' : problems.length}</span>
        <ActionIcon
          size={26}
          ml="auto"
          aria-label={t('common:action.close')}
          onClick={() => {
            context.ui.setState({ dock: false });
          }}
        >
          <IconX size={15} />
        </ActionIcon>
      </header>
      <ScrollArea className={classes.scroll} scrollbarSize={6}>
        {problems.length === 0 && (
          <p className={classes.none}>
            <IconCircleCheck size={16} /> {t('dock.none')}
          </p>
        )}
        {groups.map((group) => {
          const node = nodeById(doc, group.node);
          return (
            <div key={group.node ?? ''} className={classes.group}>
              <div className={classes.owner}>
                {node === undefined ? (
                  t('dock.whole')
                ) : (
                  <>
                    <NodeTile node={node} type={types[node.service?.type ?? '']} size={20} />
                    {node.title === '' ? t(`kind.${node.kind}`) : node.title}
                  </>
                )}
              </div>
              <ul className={classes.list}>
                {group.problems.map((problem) => (
                  <li key={problem.id} className={classes.row}>
                    <button
                      type="button"
                      className={classes.problem}
                      onClick={() => {
                        goTo(context, problem);
                      }}
                    >
                      {problem.severity === 'error' ? (
                        <IconExclamationCircleFilled size={15} className={classes.error} aria-label={t('dock.error')} />
                      ) : (
                        <IconAlertTriangleFilled size={15} className={classes.warning} aria-label={t('dock.warning')} />
                      )}
                      <span>
                        <Place of={tablePlace(t, problem, node?.decision)} />
                        {problemText(t, problem)}
                      </span>
                      <code className={classes.code}>{problem.code}</code>
                    </button>
                    <FixButtons problem={problem} />
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </ScrollArea>
    </section>
  );
}

function Place({ of }: { of: string | undefined }) {
  return of === undefined ? null : <b>{of}: </b>;
}
