// The form as people will fill it in, by the very component that draws it for them.

import { Button, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { I18nextProvider, useTranslation } from 'react-i18next';

import type { JsonObject } from '@/shared/graph/types';
import { asSchema, initialValue } from '@/shared/schema-form/schema';
import { SchemaForm } from '@/shared/schema-form/schema-form';
import { validate, type FieldIssue } from '@/shared/schema-form/validate';

import classes from './form.module.css';

const LANGUAGES = ['en', 'ru'] as const;

function checked(schema: JsonObject, value: JsonObject): FieldIssue[] | undefined {
  try {
    return validate(schema, value);
  } catch {
    // A schema that is wrong is told about where it is wrong.
    return undefined;
  }
}

export function FormPreview({ schema }: { schema: JsonObject }) {
  const { t, i18n } = useTranslation('designer');
  const [language, setLanguage] = useState(i18n.language);
  const spoken = useMemo(() => i18n.cloneInstance({ lng: language }), [i18n, language]);
  const [filled, setFilled] = useState<JsonObject>();
  const [asked, setAsked] = useState(false);
  const value = filled ?? asSchema(initialValue(schema, schema));
  const issues = asked ? checked(schema, value) : [];
  return (
    <section className={classes.preview} aria-label={t('form.preview')}>
      <header className={classes.previewHead}>
        <h3>{t('form.preview')}</h3>
        <SegmentedControl
          size="xs"
          aria-label={t('form.language')}
          value={language}
          onChange={setLanguage}
          data={LANGUAGES.map((each) => ({ value: each, label: each.toUpperCase() }))}
        />
      </header>
      <div className={classes.paper} data-testid="form-preview" lang={language}>
        <I18nextProvider i18n={spoken}>
          <SchemaForm key={language} schema={schema} value={value} onChange={setFilled} issues={issues ?? []} />
        </I18nextProvider>
      </div>
      <footer className={classes.previewFoot}>
        <Button
          variant="default"
          onClick={() => {
            setAsked(true);
          }}
        >
          {t('form.check')}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          onClick={() => {
            setAsked(false);
            setFilled(undefined);
          }}
        >
          {t('form.empty_again')}
        </Button>
        {asked && (
          <span className={classes.verdict} data-ok={issues?.length === 0 || undefined} role="status">
            {issues === undefined ? t('form.not_checkable') : issues.length === 0 ? t('form.fits') : t('form.complaints', { count: issues.length })}
          </span>
        )}
      </footer>
    </section>
  );
}
