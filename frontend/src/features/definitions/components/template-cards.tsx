// The processes that one can begin with.

import { IconFileSearch, IconFile, IconGitFork, IconMail, type TablerIcon } from '@tabler/icons-react';
import { createElement } from 'react';
import { useTranslation } from 'react-i18next';

import type { TemplateName } from '@/shared/definition/templates';

import classes from './template-cards.module.css';

const ICONS: Readonly<Record<TemplateName, TablerIcon>> = { blank: IconFile, document_check: IconFileSearch, letter: IconMail, at_once: IconGitFork };

interface TemplateCardsProps {
  onPick: (template: TemplateName) => void;
  picked?: TemplateName;
  withBlank?: boolean;
}

export function TemplateCards({ onPick, picked, withBlank = false }: TemplateCardsProps) {
  const { t } = useTranslation('definitions');
  const names: TemplateName[] = withBlank ? ['blank', 'document_check', 'letter', 'at_once'] : ['document_check', 'letter', 'at_once', 'blank'];
  return (
    <div className={classes.cards}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          className={classes.card}
          data-testid={`template-${name}`}
          aria-pressed={picked === undefined ? undefined : picked === name}
          onClick={() => {
            onPick(name);
          }}
        >
          {createElement(ICONS[name], { size: 20, stroke: 1.6 })}
          <span>
            <b>{t(`template.${name}`)}</b>
            <small>{t(`template.${name}_text`)}</small>
          </span>
        </button>
      ))}
    </div>
  );
}
