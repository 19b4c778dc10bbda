// The form of one node: parameters, errors and retry, documentation, JSON.

import { ScrollArea, Tabs, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { isMockable, isTask } from '@/shared/graph/kinds';
import { inside } from '@/shared/graph/query';
import type { GraphNode } from '@/shared/graph/types';

import { useCatalog, useDocument, useSession, useUi } from '../hooks/designer-context';
import { useNodeEdit } from '../hooks/use-edit';
import type { PanelTab } from '../store/ui-store';
import { NodeTest } from '../trial/node-test';
import { FieldFrame } from '../fields/field-frame';
import { FormDialog } from '../form/form-dialog';
import { BorderForm } from './border-form';
import { BoundaryForm } from './boundary-form';
import { CallForm } from './call-form';
import { DecisionForm } from './decision-form';
import { EndForm } from './end-form';
import { EventForm } from './event-form';
import { GatewayForm } from './gateway-form';
import { MultiForm } from './multi-form';
import { NodeDocs } from './node-docs';
import { NodeHeader } from './node-header';
import { NodeJson } from './node-json';
import classes from './panel.module.css';
import { RetryForm } from './retry-form';
import { ScriptForm } from './script-form';
import { ServiceForm } from './service-form';
import { StartForm } from './start-form';
import { CompensationForm, HandlerNote, UndoneByForm } from './undo-form';
import { UserForm } from './user-form';

function tabsOf(node: GraphNode): PanelTab[] {
  if (node.kind === 'service_task') return ['parameters', 'errors', 'list', 'test', 'docs', 'json'];
  if (isTask(node.kind)) return ['parameters', 'list', 'test', 'docs', 'json'];
  return isMockable(node.kind) ? ['parameters', 'test', 'docs', 'json'] : ['parameters', 'docs', 'json'];
}

function isTab(value: string | null): value is PanelTab {
  return value === 'parameters' || value === 'errors' || value === 'list' || value === 'test' || value === 'docs' || value === 'json';
}

export function NodePanel({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { context } = useSession();
  const { types } = useCatalog();
  const type = types[node.service?.type ?? ''];
  const tabs = tabsOf(node);
  const chosen = useUi((state) => state.tab);
  const tab = tabs.includes(chosen) ? chosen : 'parameters';
  return (
    <>
      <NodeHeader node={node} type={type} />
      <Tabs
        className={classes.tabs}
        value={tab}
        onChange={(value) => {
          if (isTab(value)) context.ui.setState({ tab: value });
        }}
      >
        <Tabs.List className={classes.tabList}>
          {tabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {t(`tab.${each}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <ScrollArea className={classes.scroll} scrollbarSize={6} type="auto">
          <fieldset disabled={context.readOnly} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
            <div className={classes.body} data-panel-body role="tabpanel" aria-label={t(`tab.${tab}`)}>
              {tab === 'parameters' && (
                <>
                  <HandlerNote node={node} />
                  <Parameters node={node} />
                </>
              )}
              <FormDialog node={node} />
              {tab === 'errors' && node.service !== undefined && <RetryForm node={node} service={node.service} type={type} />}
              {tab === 'list' && (
                <>
                  <MultiForm node={node} />
                  <h4 className={classes.section}>{t('boundary.title')}</h4>
                  <BorderForm node={node} />
                  <UndoneByForm node={node} />
                </>
              )}
              {tab === 'test' && <NodeTest node={node} />}
              {tab === 'docs' && (
                <>
                  <NodeDoc node={node} />
                  <NodeDocs node={node} type={type} />
                </>
              )}
              {tab === 'json' && <NodeJson node={node} />}
            </div>
          </fieldset>
        </ScrollArea>
      </Tabs>
    </>
  );
}

function Parameters({ node }: { node: GraphNode }) {
  switch (node.kind) {
    case 'start_event':
      return <StartForm node={node} start={node.start ?? {}} />;
    case 'end_event':
      return <EndForm node={node} end={node.end ?? { kind: 'none' }} />;
    case 'service_task':
      return <ServiceForm node={node} service={node.service ?? { type: '' }} />;
    case 'script_task':
      return <ScriptForm node={node} script={node.script ?? { output: {} }} />;
    case 'user_task':
      return <UserForm node={node} user={node.user ?? {}} />;
    case 'decision_task':
      return <DecisionForm node={node} />;
    case 'sub_process':
      return <SubProcessForm node={node} />;
    case 'timer_event':
    case 'message_event':
      return <EventForm node={node} />;
    case 'boundary_event':
      return <BoundaryForm node={node} boundary={node.boundary ?? { on: '', kind: 'error' }} />;
    case 'exclusive_gateway':
    case 'inclusive_gateway':
    case 'parallel_gateway':
    case 'event_gateway':
      return <GatewayForm node={node} />;
    case 'call_activity':
      return <CallForm node={node} call={node.call ?? { definition: '' }} />;
    case 'compensation_event':
      return <CompensationForm node={node} />;
  }
}

function SubProcessForm({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const held = inside(useDocument(), node.id).filter((each) => isTask(each.kind)).length;
  return <p className={classes.note}>{t('sub.note', { id: node.id, count: held })}</p>;
}

function NodeDoc({ node }: { node: GraphNode }) {
  const { t } = useTranslation('designer');
  const { change, endTyping } = useNodeEdit(node.id);
  return (
    <FieldFrame field="/doc" owner={{ node: node.id }} label={t('docs.own')} description={t('docs.own_hint')}>
      <Textarea
        aria-label={t('docs.own')}
        autosize
        minRows={3}
        maxRows={12}
        value={node.doc ?? ''}
        onBlur={endTyping}
        onChange={(event) => {
          const text = event.currentTarget.value;
          const label = { key: 'step.describe', params: { title: node.title } };
          change(label, ({ doc: _, ...rest }) => (text === '' ? rest : { ...rest, doc: text }), '/doc');
        }}
      />
    </FieldFrame>
  );
}
