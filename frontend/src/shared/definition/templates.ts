// Processes to begin with, in the reader's language.

import { drawn, wordsOf, type Words } from '@/shared/graph/draw';
import type { Locale } from '@/shared/graph/node-type';
import type { GraphDocument, GraphNode, JsonObject } from '@/shared/graph/types';

function start(title: string, fields: Record<string, JsonObject>, required: string[], searchKeys: string[] = []): GraphNode {
  const input_schema: JsonObject = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: fields,
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(required.length > 0 && { 'x-order': Object.keys(fields) }),
  };
  return { id: 'start', kind: 'start_event', title, start: { input_schema, ...(searchKeys.length > 0 && { search_keys: searchKeys }) } };
}

function end(id: string, title: string, output?: JsonObject): GraphNode {
  return { id, kind: 'end_event', title, end: { kind: 'none', ...(output !== undefined && { output }) } };
}

function blank(words: Words): GraphDocument {
  return drawn(
    [
      { node: start(words('Start', 'Начало'), {}, []), x: 96, y: 256 },
      { node: end('end', words('End', 'Конец')), x: 288, y: 256 },
    ],
    [{ from: 'start', to: 'end' }],
  );
}

function letter(words: Words): GraphDocument {
  const mail: GraphNode = {
    id: 'send_letter',
    kind: 'service_task',
    title: words('Send the letter', 'Отправить письмо'),
    service: {
      type: 'mail.send@1',
      input: {
        to: '=input.email',
        subject: words('About your application {{process.custom_id}}', 'По вашему заявлению {{process.custom_id}}'),
        text: words('Dear {{input.name}},\n\nwe have received your application.\n', 'Здравствуйте, {{input.name}}!\n\nМы получили ваше заявление.\n'),
      },
    },
  };
  return drawn(
    [
      {
        node: start(
          words('Application', 'Заявление'),
          { name: { type: 'string', title: words('Name', 'Имя') }, email: { type: 'string', format: 'email', title: words('E-mail', 'Эл. почта') } },
          ['name', 'email'],
        ),
        x: 96,
        y: 256,
      },
      { node: mail, x: 304, y: 256 },
      { node: end('sent', words('Sent', 'Отправлено')), x: 512, y: 256 },
    ],
    [
      { from: 'start', to: 'send_letter' },
      { from: 'send_letter', to: 'sent' },
    ],
  );
}

function step(id: string, title: string, input: JsonObject): GraphNode {
  return { id, kind: 'service_task', title, service: { type: 'demo.step@1', input } };
}

function atOnce(words: Words): GraphDocument {
  return drawn(
    [
      { node: start(words('Start', 'Начало'), {}, []), x: 96, y: 256 },
      { node: { id: 'split', kind: 'parallel_gateway', title: words('Parallel', 'Параллельно') }, x: 192, y: 256 },
      { node: step('first', words('First branch', 'Первая ветвь'), { sleep_ms: 2000 }), x: 384, y: 144 },
      { node: step('second', words('Second branch', 'Вторая ветвь'), { sleep_ms: 4000 }), x: 384, y: 368 },
      { node: { id: 'join', kind: 'parallel_gateway', title: words('Parallel', 'Параллельно') }, x: 576, y: 256 },
      { node: end('end', words('Both done', 'Обе готовы')), x: 680, y: 256 },
    ],
    [
      { from: 'start', to: 'split' },
      { from: 'split', to: 'first' },
      { from: 'split', to: 'second' },
      { from: 'first', to: 'join' },
      { from: 'second', to: 'join' },
      { from: 'join', to: 'end' },
    ],
  );
}

function inspect(id: string, title: string, file: string): GraphNode {
  return { id, kind: 'service_task', title, service: { type: 'document.inspect@1', input: { file, strict: true } } };
}

function mail(id: string, title: string, subject: string, text: string): GraphNode {
  return { id, kind: 'service_task', title, service: { type: 'mail.send@1', input: { to: '=input.email', subject, text } } };
}

function documentCheck(words: Words): GraphDocument {
  const file = (title: string): JsonObject => ({ type: 'object', format: 'file', title });
  return drawn(
    [
      {
        node: start(
          words('Application received', 'Заявление принято'),
          {
            applicant: { type: 'string', title: words('Applicant', 'Заявитель'), minLength: 1 },
            email: { type: 'string', format: 'email', title: words('E-mail', 'Эл. почта') },
            application: file(words('Application (XML)', 'Заявление (XML)')),
            document: file(words('Document (PDF)', 'Документ (PDF)')),
          },
          ['applicant', 'email', 'application', 'document'],
          ['applicant'],
        ),
        x: 64,
        y: 256,
      },
      { node: { id: 'split', kind: 'parallel_gateway', title: words('Parallel', 'Параллельно') }, x: 168, y: 256 },
      { node: inspect('inspect_application', words('Inspect the application', 'Проверить заявление'), '=input.application'), x: 360, y: 144 },
      { node: inspect('inspect_document', words('Inspect the document', 'Проверить документ'), '=input.document'), x: 360, y: 368 },
      { node: { id: 'join', kind: 'parallel_gateway', title: words('Parallel', 'Параллельно') }, x: 552, y: 256 },
      { node: { id: 'decide', kind: 'exclusive_gateway', title: words('In order?', 'Всё верно?') }, x: 656, y: 256 },
      {
        node: mail(
          'mail_accepted',
          words('Tell that it was accepted', 'Сообщить о приёме'),
          words('Application {{process.custom_id}} is accepted', 'Заявление {{process.custom_id}} принято'),
          words('Dear {{input.applicant}},\n\nyour application is in order.\n', 'Здравствуйте, {{input.applicant}}!\n\nВаше заявление принято.\n'),
        ),
        x: 856,
        y: 144,
      },
      {
        node: mail(
          'mail_remarks',
          words('Send the remarks', 'Сообщить о замечаниях'),
          words('Application {{process.custom_id}} needs a correction', 'Заявление {{process.custom_id}} нужно исправить'),
          words('Dear {{input.applicant}},\n\nplease look at your files again.\n', 'Здравствуйте, {{input.applicant}}!\n\nПожалуйста, проверьте приложенные файлы.\n'),
        ),
        x: 856,
        y: 368,
      },
      { node: end('accepted', words('Accepted', 'Принято'), { accepted: true }), x: 1064, y: 144 },
      { node: end('returned', words('Returned', 'Возвращено'), { accepted: false }), x: 1064, y: 368 },
    ],
    [
      { from: 'start', to: 'split' },
      { from: 'split', to: 'inspect_application' },
      { from: 'split', to: 'inspect_document' },
      { from: 'inspect_application', to: 'join' },
      { from: 'inspect_document', to: 'join' },
      { from: 'join', to: 'decide' },
      {
        from: 'decide',
        to: 'mail_accepted',
        title: words('in order', 'всё верно'),
        condition: '=tasks.inspect_application.valid && tasks.inspect_document.valid',
      },
      { from: 'decide', to: 'mail_remarks', title: words('remarks', 'есть замечания'), default: true },
      { from: 'mail_accepted', to: 'accepted' },
      { from: 'mail_remarks', to: 'returned' },
    ],
  );
}

export type TemplateName = 'blank' | 'document_check' | 'letter' | 'at_once';

function localized(make: (words: Words) => GraphDocument): (locale: Locale) => GraphDocument {
  return (locale) => make(wordsOf(locale));
}

export const TEMPLATES: Readonly<Record<TemplateName, (locale: Locale) => GraphDocument>> = {
  blank: localized(blank),
  document_check: localized(documentCheck),
  letter: localized(letter),
  at_once: localized(atOnce),
};
