// Small arrangements of several steps that people draw again and again, in the reader's language. Each has one way in and, as a
// rule, one way out, so that it goes where a single step goes.

import { drawn, type Placed, type Words } from '@/shared/graph/draw';
import { hasExit } from '@/shared/graph/kinds';
import type { Text } from '@/shared/graph/node-type';
import { nodeById, outgoing } from '@/shared/graph/query';
import type { GraphDocument, GraphNode, JsonObject, NodeKind, UserTask, Value } from '@/shared/graph/types';

import type { InsertTarget } from '../store/ui-store';

export interface Pattern {
  id: string;
  /** The kind whose icon stands for it. */
  icon: NodeKind;
  title: Text;
  doc: Text;
  synonyms: readonly string[];
  entry: string;
  /** Absent when it has ends of its own. */
  exit?: string;
  /** What stands on the flow that leaves a choice: it is taken when none of the others is. */
  exitTitle?: Text;
  build: (words: Words) => GraphDocument;
}

const user = (id: string, title: string, task: UserTask): GraphNode => ({ id, kind: 'user_task', title, user: task });
const gateway = (id: string, kind: NodeKind, title: string): GraphNode => ({ id, kind, title });
const end = (id: string, title: string, code?: string): GraphNode => ({ id, kind: 'end_event', title, end: code === undefined ? { kind: 'none' } : { kind: 'error', code } });
const service = (id: string, title: string, type: string, input: Record<string, Value>): GraphNode => ({ id, kind: 'service_task', title, service: { type, input } });
const waitFor = (id: string, title: string, name: string): GraphNode => ({ id, kind: 'message_event', title, message: { name, key: '=process.custom_id' } });
const pause = (id: string, title: string, value: string): GraphNode => ({ id, kind: 'timer_event', title, timer: { kind: 'duration', value } });

function yesNo(title: string, remark?: string): JsonObject {
  return {
    type: 'object',
    required: ['accepted'],
    properties: { accepted: { type: 'boolean', title }, ...(remark !== undefined && { remark: { type: 'string', format: 'multiline', title: remark } }) },
  };
}

/** A letter to the office: the address is for the author to fill in. */
const letter = (id: string, title: string, subject: string, text: string): GraphNode => service(id, title, 'mail.send@1', { to: 'office@example.org', subject, text });

const parallelChecks: Pattern = {
  id: 'parallel_checks',
  icon: 'parallel_gateway',
  title: { en: 'Parallel checks', ru: 'Параллельные проверки' },
  doc: { en: 'Two checks at once; what follows waits for both', ru: 'Две проверки сразу; дальше — когда готовы обе' },
  synonyms: ['fork', 'join', 'at once', 'одновременно', 'слияние'],
  entry: 'checks',
  exit: 'checked',
  build: (words) =>
    drawn(
      [
        { node: gateway('checks', 'parallel_gateway', ''), x: 24, y: 104 },
        { node: user('legal_check', words('Legal check', 'Проверка юриста'), { groups: ['lawyers'], form: yesNo(words('In order', 'Всё верно'), words('Remark', 'Замечание')) }), x: 232, y: 40 },
        { node: user('payment_check', words('Payment check', 'Проверка оплаты'), { groups: ['accountants'], form: yesNo(words('Paid', 'Оплачено'), words('Remark', 'Замечание')) }), x: 232, y: 168 },
        { node: gateway('checked', 'parallel_gateway', ''), x: 440, y: 104 },
      ],
      [
        { from: 'checks', to: 'legal_check' },
        { from: 'checks', to: 'payment_check' },
        { from: 'legal_check', to: 'checked' },
        { from: 'payment_check', to: 'checked' },
      ],
    ),
};

const retryEscalate: Pattern = {
  id: 'retry_escalate',
  icon: 'service_task',
  title: { en: 'Retry, then ask a person', ru: 'Повторы, затем человек' },
  doc: { en: 'Several attempts; after the last one a person decides: again, or go on without', ru: 'Несколько попыток; после последней решает человек: ещё раз или без этого' },
  synonyms: ['retry', 'escalate', 'attempts', 'эскалация', 'попытки', 'повтор'],
  entry: 'notify_office',
  exit: 'handled',
  build: (words) =>
    drawn(
      [
        {
          node: {
            ...letter('notify_office', words('Notify the office', 'Сообщить в отдел'), words('Application {{process.custom_id}}', 'Заявление {{process.custom_id}}'), words('Please look at it.', 'Пожалуйста, посмотрите.')),
            service: {
              type: 'mail.send@1',
              input: { to: 'office@example.org', subject: words('Application {{process.custom_id}}', 'Заявление {{process.custom_id}}'), text: words('Please look at it.', 'Пожалуйста, посмотрите.') },
              retry: { max_attempts: 5, backoff: 'exponential', initial_ms: 10_000, factor: 2, cap_ms: 300_000 },
            },
          },
          x: 112,
          y: 40,
        },
        { node: { id: 'not_sent', kind: 'boundary_event', title: words('Not sent', 'Не ушло'), boundary: { on: 'notify_office', kind: 'error', technical: true } } },
        {
          node: user('sort_it_out', words('Sort it out', 'Разобраться'), {
            groups: ['support'],
            input: { error: '=tasks.not_sent.message' },
            form: { type: 'object', required: ['again'], properties: { again: { type: 'boolean', title: words('Try again', 'Повторить') } } },
          }),
          x: 328,
          y: 176,
        },
        { node: gateway('again', 'exclusive_gateway', words('Again?', 'Ещё раз?')), x: 528, y: 176 },
        { node: gateway('handled', 'exclusive_gateway', ''), x: 688, y: 40 },
      ],
      [
        { from: 'notify_office', to: 'handled' },
        { from: 'not_sent', to: 'sort_it_out' },
        { from: 'sort_it_out', to: 'again' },
        { from: 'again', to: 'notify_office', title: words('yes', 'да'), condition: '=tasks.sort_it_out.again' },
        { from: 'again', to: 'handled', title: words('no', 'нет'), default: true },
      ],
    ),
};

const messageReminder: Pattern = {
  id: 'message_reminder',
  icon: 'message_event',
  title: { en: 'Wait for a message, with a reminder', ru: 'Ждать сообщения и напоминать' },
  doc: { en: 'Waits for an answer and reminds every three days until it comes', ru: 'Ждёт ответа и напоминает каждые три дня, пока его нет' },
  synonyms: ['callback', 'reminder', 'answer', 'ответ', 'напоминание'],
  entry: 'wait_answer',
  exit: 'answer',
  build: (words) =>
    drawn(
      [
        { node: gateway('wait_answer', 'event_gateway', ''), x: 24, y: 24 },
        { node: waitFor('answer', words('Answer', 'Ответ'), 'answer'), x: 440, y: 24 },
        { node: pause('three_days', words('Three days', 'Три дня'), 'P3D'), x: 120, y: 144 },
        {
          node: letter('remind', words('Remind', 'Напомнить'), words('We are waiting for your answer', 'Мы ждём вашего ответа'), words('About {{process.custom_id}}.', 'По делу {{process.custom_id}}.')),
          x: 288,
          y: 144,
        },
      ],
      [
        { from: 'wait_answer', to: 'answer' },
        { from: 'wait_answer', to: 'three_days' },
        { from: 'three_days', to: 'remind' },
        { from: 'remind', to: 'wait_answer' },
      ],
    ),
};

const fourEyes: Pattern = {
  id: 'four_eyes',
  icon: 'user_task',
  title: { en: 'Four eyes', ru: 'Две подписи' },
  doc: { en: 'Two groups approve one after another; either may refuse', ru: 'Согласуют две группы по очереди; отказать может любая' },
  synonyms: ['approval', 'two persons', 'second', 'согласование', 'подпись', 'четыре глаза', 'утверждение'],
  entry: 'first_approval',
  exit: 'second_decision',
  exitTitle: { en: 'yes', ru: 'да' },
  build: (words) =>
    drawn(
      [
        { node: user('first_approval', words('First approval', 'Первое согласование'), { groups: ['clerks'], form: yesNo(words('Approved', 'Согласовано'), words('Why not', 'Причина отказа')) }), x: 112, y: 40 },
        { node: gateway('first_decision', 'exclusive_gateway', words('Approved?', 'Согласовано?')), x: 312, y: 40 },
        { node: user('second_approval', words('Second approval', 'Второе согласование'), { groups: ['managers'], input: { remark: '=tasks.first_approval.remark' }, form: yesNo(words('Approved', 'Согласовано'), words('Why not', 'Причина отказа')) }), x: 520, y: 40 },
        { node: gateway('second_decision', 'exclusive_gateway', words('Approved too?', 'Согласовано снова?')), x: 720, y: 40 },
        { node: end('refused', words('Refused', 'Отказано'), 'REFUSED'), x: 520, y: 176 },
      ],
      [
        { from: 'first_approval', to: 'first_decision' },
        { from: 'first_decision', to: 'second_approval', title: words('yes', 'да'), condition: '=tasks.first_approval.accepted' },
        { from: 'first_decision', to: 'refused', title: words('no', 'нет'), default: true },
        { from: 'second_approval', to: 'second_decision' },
        { from: 'second_decision', to: 'refused', title: words('no', 'нет'), condition: '=!tasks.second_approval.accepted' },
      ],
    ),
};

const forEachFile: Pattern = {
  id: 'for_each',
  icon: 'sub_process',
  title: { en: 'For each file', ru: 'Для каждого файла' },
  doc: { en: 'The same steps for each entry of a list, three at a time; the results make a list', ru: 'Одни и те же шаги для каждого элемента списка, по три сразу; итоги собираются в список' },
  synonyms: ['loop', 'multi instance', 'map', 'iterate', 'цикл', 'перебор', 'список', 'каждый'],
  entry: 'each_file',
  exit: 'each_file',
  build: (words) =>
    drawn(
      [
        {
          node: {
            id: 'each_file', kind: 'sub_process', title: words('For each file', 'Для каждого файла'),
            multi: { items: '=input.files ?? []', limit: 3, collect: '=result' },
          },
        },
        { node: { id: 'file_begins', kind: 'start_event', title: '', parent: 'each_file', start: {} }, x: 64, y: 96 },
        { node: { ...service('inspect_file', words('Inspect the file', 'Проверить файл'), 'document.inspect@1', { file: '=item', strict: false }), parent: 'each_file' }, x: 248, y: 96 },
        { node: { ...end('file_done', ''), parent: 'each_file', end: { kind: 'none', output: { valid: '=tasks.inspect_file.valid' } } }, x: 432, y: 96 },
      ],
      [
        { from: 'file_begins', to: 'inspect_file' },
        { from: 'inspect_file', to: 'file_done' },
      ],
    ),
};

const correctionLoop: Pattern = {
  id: 'correction_loop',
  icon: 'boundary_event',
  title: { en: 'Error, correct, again', ru: 'Ошибка, исправление, снова' },
  doc: { en: 'A business error leads to a person who corrects; then the step runs again', ru: 'Деловая ошибка ведёт к человеку, который исправляет; затем шаг повторяется' },
  synonyms: ['boundary', 'catch', 'fix', 'loop', 'исправить', 'поймать', 'граница'],
  entry: 'check_part',
  exit: 'check_part',
  build: (words) =>
    drawn(
      [
        { node: { id: 'check_part', kind: 'sub_process', title: words('Check', 'Проверка') } },
        { node: { id: 'check_begins', kind: 'start_event', title: '', parent: 'check_part', start: {} }, x: 64, y: 96 },
        { node: { ...gateway('complete', 'exclusive_gateway', words('Complete?', 'Всё на месте?')), parent: 'check_part' }, x: 176, y: 96 },
        { node: { ...end('check_passed', words('Yes', 'Да')), parent: 'check_part' }, x: 320, y: 96 },
        { node: { ...end('check_failed', words('No', 'Нет'), 'INCOMPLETE'), parent: 'check_part' }, x: 320, y: 200 },
        { node: { id: 'incomplete', kind: 'boundary_event', title: words('Incomplete', 'Неполно'), boundary: { on: 'check_part', kind: 'error', codes: ['INCOMPLETE'] } } },
        { node: user('correct', words('Correct', 'Исправить'), { groups: ['clerks'], form: { type: 'object', properties: { complete: { type: 'boolean', title: words('Complete now', 'Теперь всё на месте') } } } }), x: 192, y: 376 },
      ],
      [
        { from: 'check_begins', to: 'complete' },
        { from: 'complete', to: 'check_passed', title: words('yes', 'да'), condition: '=tasks.correct == nil || tasks.correct.complete' },
        { from: 'complete', to: 'check_failed', title: words('no', 'нет'), default: true },
        { from: 'incomplete', to: 'correct' },
        { from: 'correct', to: 'check_part' },
      ],
    ),
};

const timeoutBranch: Pattern = {
  id: 'timeout_branch',
  icon: 'timer_event',
  title: { en: 'Deadline with another way', ru: 'Срок и запасной путь' },
  doc: { en: 'A step that takes longer than two days is ended, and its chief takes over', ru: 'Если шаг идёт дольше двух дней, он прерывается и переходит к начальнику' },
  synonyms: ['timeout', 'deadline', 'escalation', 'boundary timer', 'таймаут', 'эскалация', 'просрочка'],
  entry: 'decide_case',
  exit: 'decided',
  build: (words) =>
    drawn(
      [
        { node: user('decide_case', words('Decide', 'Принять решение'), { groups: ['clerks'], form: yesNo(words('Accept', 'Принять')) }), x: 112, y: 40 },
        { node: { id: 'two_days', kind: 'boundary_event', title: words('Two days', 'Два дня'), boundary: { on: 'decide_case', kind: 'timer', timer: { kind: 'duration', value: 'P2D' } } } },
        { node: user('chief_decides', words('The chief decides', 'Решает начальник'), { groups: ['managers'], form: yesNo(words('Accept', 'Принять')) }), x: 328, y: 176 },
        { node: gateway('decided', 'exclusive_gateway', ''), x: 536, y: 40 },
      ],
      [
        { from: 'decide_case', to: 'decided' },
        { from: 'two_days', to: 'chief_decides' },
        { from: 'chief_decides', to: 'decided' },
      ],
    ),
};

const nOfM: Pattern = {
  id: 'n_of_m',
  icon: 'inclusive_gateway',
  title: { en: 'Two of three', ru: 'Двое из трёх' },
  doc: { en: 'Asks several groups at once and goes on as soon as two have answered', ru: 'Спрашивает несколько групп сразу и идёт дальше, когда ответили две' },
  synonyms: ['n of m', 'quorum', 'vote', 'majority', 'кворум', 'голосование', 'большинство'],
  entry: 'vote',
  exit: 'vote',
  build: (words) =>
    drawn(
      [
        {
          node: {
            ...user('vote', words('Vote', 'Голосование'), { groups: ['{{item}}'], form: yesNo(words('For', 'За')) }),
            multi: { items: ['lawyers', 'accountants', 'managers'], until: '=result.completed >= 2', collect: '=result.accepted' },
          },
          x: 112,
          y: 40,
        },
      ],
      [],
    ),
};

const eventRace: Pattern = {
  id: 'event_race',
  icon: 'event_gateway',
  title: { en: 'Whatever comes first', ru: 'Что случится раньше' },
  doc: { en: 'Paid, withdrawn or ten days gone: the first one decides', ru: 'Оплачено, отозвано или прошло десять дней: решает первое' },
  synonyms: ['race', 'deferred choice', 'first', 'payment', 'гонка', 'первое', 'оплата'],
  entry: 'wait_first',
  exit: 'paid',
  build: (words) =>
    drawn(
      [
        { node: gateway('wait_first', 'event_gateway', ''), x: 24, y: 24 },
        { node: waitFor('paid', words('Paid', 'Оплачено'), 'paid'), x: 248, y: 24 },
        { node: waitFor('withdrawn', words('Withdrawn', 'Отозвано'), 'withdrawn'), x: 136, y: 144 },
        { node: pause('ten_days', words('Ten days', 'Десять дней'), 'P10D'), x: 136, y: 264 },
        { node: end('was_withdrawn', words('Withdrawn', 'Отозвано')), x: 248, y: 144 },
        { node: end('not_paid', words('Not paid', 'Не оплачено'), 'NOT_PAID'), x: 248, y: 264 },
      ],
      [
        { from: 'wait_first', to: 'paid' },
        { from: 'wait_first', to: 'withdrawn' },
        { from: 'wait_first', to: 'ten_days' },
        { from: 'withdrawn', to: 'was_withdrawn' },
        { from: 'ten_days', to: 'not_paid' },
      ],
    ),
};

const decisionByTable: Pattern = {
  id: 'decision_by_table',
  icon: 'decision_task',
  title: { en: 'Decision by a table', ru: 'Решение по таблице' },
  doc: { en: 'Rules in a table say which way to go', ru: 'Правила в таблице говорят, каким путём идти' },
  synonyms: ['dmn', 'rules', 'routing', 'правила', 'маршрут'],
  entry: 'choose_way',
  exit: 'joined',
  build: (words) =>
    drawn(
      [
        {
          node: {
            id: 'choose_way', kind: 'decision_task', title: words('Choose the way', 'Выбрать путь'),
            decision: { hit: 'first', inputs: ['=input.amount ?? 0'], outputs: ['way'], rules: [{ when: ['> 100000'], then: ['expert'] }, { when: ['-'], then: ['plain'] }] },
          },
          x: 112,
          y: 40,
        },
        { node: gateway('which_way', 'exclusive_gateway', words('Which way?', 'Каким путём?')), x: 312, y: 40 },
        { node: user('expert', words('Expert review', 'Экспертиза'), { groups: ['experts'], form: yesNo(words('In order', 'Всё верно'), words('Remark', 'Замечание')) }), x: 552, y: 168 },
        { node: gateway('joined', 'exclusive_gateway', ''), x: 752, y: 40 },
      ],
      [
        { from: 'choose_way', to: 'which_way' },
        { from: 'which_way', to: 'expert', title: words('expert', 'эксперт'), condition: '=tasks.choose_way.way == "expert"' },
        { from: 'which_way', to: 'joined', title: words('plain', 'обычный'), default: true },
        { from: 'expert', to: 'joined' },
      ],
    ),
};

/** The document check of the templates, without its start: what people came for first. */
const documentCheck: Pattern = {
  id: 'document_check',
  icon: 'service_task',
  title: { en: 'Document check', ru: 'Проверка документа' },
  doc: { en: 'Inspects a document, decides, and tells the applicant either way', ru: 'Проверяет документ, решает и в любом случае сообщает заявителю' },
  synonyms: ['inspect', 'verify', 'applicant', 'проверить', 'заявитель', 'файл'],
  entry: 'inspect_document',
  build: (words) => {
    const tell = (id: string, title: string, text: string): GraphNode => service(id, title, 'mail.send@1', { to: '=input.email', subject: words('Application {{process.custom_id}}', 'Заявление {{process.custom_id}}'), text });
    const nodes: Placed[] = [
      { node: service('inspect_document', words('Inspect the document', 'Проверить документ'), 'document.inspect@1', { file: '=input.document', strict: true }), x: 112, y: 104 },
      { node: gateway('in_order', 'exclusive_gateway', words('In order?', 'Всё верно?')), x: 312, y: 104 },
      { node: tell('tell_accepted', words('Tell that it was accepted', 'Сообщить о приёме'), words('Your application is in order.', 'Ваше заявление принято.')), x: 544, y: 40 },
      { node: tell('tell_remarks', words('Send the remarks', 'Сообщить о замечаниях'), words('Please look at your document again.', 'Пожалуйста, проверьте документ.')), x: 544, y: 168 },
      { node: end('document_accepted', words('Accepted', 'Принято')), x: 752, y: 40 },
      { node: end('document_returned', words('Returned', 'Возвращено')), x: 752, y: 168 },
    ];
    return drawn(nodes, [
      { from: 'inspect_document', to: 'in_order' },
      { from: 'in_order', to: 'tell_accepted', title: words('in order', 'всё верно'), condition: '=tasks.inspect_document.valid' },
      { from: 'in_order', to: 'tell_remarks', title: words('remarks', 'есть замечания'), default: true },
      { from: 'tell_accepted', to: 'document_accepted' },
      { from: 'tell_remarks', to: 'document_returned' },
    ]);
  },
};

export const PATTERNS: readonly Pattern[] = [
  documentCheck, parallelChecks, fourEyes, timeoutBranch, messageReminder, correctionLoop, retryEscalate, forEachFile, nOfM, eventRace, decisionByTable,
];

/** Whether a pattern may go there: in the middle of a flow only with a way out, after a wait for events nothing but events. */
export function patternFits(doc: GraphDocument, pattern: Pattern, target: InsertTarget): boolean {
  switch (target.where) {
    case 'point':
      return true;
    case 'edge': {
      const edge = doc.edges.find((each) => each.id === target.edge);
      return pattern.exit !== undefined && nodeById(doc, edge?.from)?.kind !== 'event_gateway';
    }
    case 'end':
      return target.to === undefined && nodeById(doc, target.from)?.kind !== 'event_gateway';
    case 'after': {
      const node = nodeById(doc, target.node);
      if (node === undefined || !hasExit(node.kind) || node.kind === 'event_gateway') return false;
      return pattern.exit !== undefined || outgoing(doc, target.node).length === 0 || node.kind.endsWith('_gateway');
    }
    default:
      return false;
  }
}
