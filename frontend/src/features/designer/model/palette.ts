// What can be put on the canvas: the node types of the catalog by category, the elements of the flow, and patterns of several.

import { localized, type Locale, type NodeType, type Text } from '@/shared/graph/node-type';
import type { BoundaryKind, EndKind, GraphNode, NodeKind, StartKind } from '@/shared/graph/types';
import type { NewNode } from '@/shared/graph/insert';

import { rank } from './fuzzy';
import { PATTERNS, type Pattern } from './patterns';

export interface PaletteItem {
  /** Unique: a node type, or a kind with its variant. */
  id: string;
  kind: NodeKind;
  type?: NodeType;
  startKind?: StartKind;
  endKind?: EndKind;
  boundary?: BoundaryKind;
  pattern?: Pattern;
  title: Text;
  doc: Text;
  category: Text;
  synonyms: readonly string[];
}

/** The built-in categories, in their order after those of the catalog. */
const PEOPLE: Text = { en: 'People', ru: 'Люди' };
const DATA: Text = { en: 'Data', ru: 'Данные' };
const FLOW: Text = { en: 'Flow', ru: 'Поток' };
const EVENTS: Text = { en: 'Events', ru: 'События' };
const BORDER: Text = { en: 'On the border of a step', ru: 'На границе шага' };
export const PATTERN_CATEGORY: Text = { en: 'Patterns', ru: 'Образцы' };

type Variant = Partial<Pick<PaletteItem, 'startKind' | 'endKind' | 'boundary'>>;

function element(category: Text, id: string, kind: NodeKind, title: Text, doc: Text, synonyms: string[], variant: Variant = {}): PaletteItem {
  return { id, kind, title, doc, category, synonyms, ...variant };
}

const ELEMENTS: readonly PaletteItem[] = [
  element(PEOPLE, 'user_task', 'user_task', { en: 'User task', ru: 'Задача человеку' },
    { en: 'Asks a person, by a form', ru: 'Спрашивает человека по форме' },
    ['human', 'form', 'approve', 'review', 'person', 'clerk', 'человек', 'форма', 'согласование', 'проверка', 'оператор']),
  element(DATA, 'script_task', 'script_task', { en: 'Script', ru: 'Скрипт' },
    { en: 'Builds values from expressions', ru: 'Вычисляет значения по выражениям' },
    ['expression', 'calculate', 'set', 'variable', 'transform', 'вычислить', 'переменная', 'выражение', 'преобразовать']),
  element(DATA, 'decision_task', 'decision_task', { en: 'Decision table', ru: 'Таблица решений' },
    { en: 'Finds values by rules in a table', ru: 'Находит значения по правилам таблицы' },
    ['dmn', 'rules', 'business rule', 'table', 'правила', 'таблица', 'решение']),
  element(FLOW, 'exclusive_gateway', 'exclusive_gateway', { en: 'Choice', ru: 'Выбор' },
    { en: 'Takes the first branch whose condition holds', ru: 'Идёт по первой ветви, условие которой верно' },
    ['if', 'xor', 'exclusive', 'decision', 'condition', 'branch', 'switch', 'если', 'условие', 'развилка', 'решение', 'шлюз']),
  element(FLOW, 'parallel_gateway', 'parallel_gateway', { en: 'Parallel', ru: 'Параллельно' },
    { en: 'Starts all branches at once, or waits for all of them', ru: 'Запускает все ветви сразу или ждёт их все' },
    ['and', 'fork', 'join', 'split', 'gateway', 'и', 'слияние', 'разделение', 'шлюз', 'одновременно']),
  element(FLOW, 'inclusive_gateway', 'inclusive_gateway', { en: 'Any of', ru: 'Любые из' },
    { en: 'Takes each branch whose condition holds, or waits for those that were taken', ru: 'Идёт по каждой ветви, условие которой верно, или ждёт взятые' },
    ['or', 'inclusive', 'several', 'multi choice', 'или', 'несколько', 'развилка', 'шлюз']),
  element(FLOW, 'event_gateway', 'event_gateway', { en: 'First event', ru: 'Первое событие' },
    { en: 'Waits for the first of several timers and messages', ru: 'Ждёт первое из нескольких таймеров и сообщений' },
    ['race', 'event based', 'wait', 'deferred choice', 'гонка', 'ожидание', 'событие', 'шлюз']),
  element(FLOW, 'sub_process', 'sub_process', { en: 'Sub-process', ru: 'Подпроцесс' },
    { en: 'Holds steps of its own; repeated for a list, or ended by an event on its border', ru: 'Содержит свои шаги; повторяется по списку или завершается событием на границе' },
    ['scope', 'group', 'embedded', 'loop', 'for each', 'вложенный', 'группа', 'цикл', 'список']),
  element(FLOW, 'call_activity', 'call_activity', { en: 'Call a process', ru: 'Вызов процесса' },
    { en: 'Runs another definition as a child process', ru: 'Запускает другое определение дочерним процессом' },
    ['call activity', 'child', 'reuse', 'subroutine', 'definition', 'дочерний', 'вызвать', 'определение', 'процесс']),
  element(EVENTS, 'timer_event', 'timer_event', { en: 'Wait', ru: 'Ожидание' },
    { en: 'Waits for a time', ru: 'Ждёт времени' },
    ['timer', 'delay', 'sleep', 'until', 'cron', 'таймер', 'пауза', 'задержка', 'время']),
  element(EVENTS, 'message_event', 'message_event', { en: 'Message', ru: 'Сообщение' },
    { en: 'Waits for a message from outside', ru: 'Ждёт сообщения извне' },
    ['receive', 'callback', 'correlation', 'event', 'получить', 'ответ', 'событие']),
  element(EVENTS, 'compensation_event', 'compensation_event', { en: 'Compensation', ru: 'Компенсация' },
    { en: 'Undoes what its level has done, the last first', ru: 'Отменяет сделанное на своём уровне, начиная с последнего' },
    ['undo', 'rollback', 'saga', 'compensate', 'отмена', 'откат', 'сага', 'вернуть']),
  element(EVENTS, 'start_event', 'start_event', { en: 'Start', ru: 'Начало' },
    { en: 'Where a process begins, and what it needs', ru: 'С чего начинается процесс и что ему нужно' },
    ['begin', 'input', 'trigger', 'manual', 'api', 'старт', 'вход', 'запуск', 'вручную']),
  element(EVENTS, 'start_event:schedule', 'start_event', { en: 'Start by schedule', ru: 'Начало по расписанию' },
    { en: 'Begins a process by the clock', ru: 'Запускает процесс по часам' },
    ['cron', 'timer', 'daily', 'schedule', 'trigger', 'расписание', 'таймер', 'ежедневно', 'запуск'], { startKind: 'schedule' }),
  element(EVENTS, 'start_event:message', 'start_event', { en: 'Start by message', ru: 'Начало по сообщению' },
    { en: 'Begins a process when a message comes', ru: 'Запускает процесс, когда приходит сообщение' },
    ['receive', 'event', 'trigger', 'сообщение', 'событие', 'запуск'], { startKind: 'message' }),
  element(EVENTS, 'start_event:webhook', 'start_event', { en: 'Start by webhook', ru: 'Начало по вебхуку' },
    { en: 'Begins a process when an HTTP request comes', ru: 'Запускает процесс по запросу HTTP' },
    ['http', 'callback', 'request', 'trigger', 'url', 'вебхук', 'запрос', 'запуск'], { startKind: 'webhook' }),
  element(EVENTS, 'end_event', 'end_event', { en: 'End', ru: 'Конец' },
    { en: 'A path ends here, with its output', ru: 'Здесь путь заканчивается своим результатом' },
    ['finish', 'done', 'output', 'завершение', 'финиш', 'результат'], { endKind: 'none' }),
  element(EVENTS, 'end_event:error', 'end_event', { en: 'Error end', ru: 'Конец с ошибкой' },
    { en: 'Ends the process as failed, with a code', ru: 'Завершает процесс неудачей с кодом' },
    ['fail', 'throw', 'reject', 'отказ', 'неудача', 'сбой'], { endKind: 'error' }),
  element(EVENTS, 'end_event:terminate', 'end_event', { en: 'Terminate', ru: 'Прервать всё' },
    { en: 'Ends the process at once, other branches included', ru: 'Сразу завершает процесс вместе с другими ветвями' },
    ['stop', 'abort', 'kill', 'стоп', 'остановить', 'прекратить'], { endKind: 'terminate' }),
  element(EVENTS, 'end_event:compensate', 'end_event', { en: 'End and undo', ru: 'Конец с отменой' },
    { en: 'Undoes what was done, then ends the path', ru: 'Отменяет сделанное и заканчивает путь' },
    ['compensate', 'rollback', 'saga', 'undo', 'компенсация', 'откат', 'отмена', 'сага'], { endKind: 'compensate' }),
  element(BORDER, 'boundary:error', 'boundary_event', { en: 'Error', ru: 'Ошибка' },
    { en: 'Leads elsewhere when the step fails', ru: 'Уводит на другой путь, если шаг не удался' },
    ['catch', 'boundary', 'exception', 'failure', 'поймать', 'сбой', 'граница', 'исключение'], { boundary: 'error' }),
  element(BORDER, 'boundary:timer', 'boundary_event', { en: 'Deadline', ru: 'Срок' },
    { en: 'Leads elsewhere, or reminds, when the step takes too long', ru: 'Уводит на другой путь или напоминает, если шаг идёт слишком долго' },
    ['timer', 'timeout', 'boundary', 'reminder', 'таймер', 'таймаут', 'напоминание', 'граница'], { boundary: 'timer' }),
  element(BORDER, 'boundary:message', 'boundary_event', { en: 'Message meanwhile', ru: 'Сообщение во время шага' },
    { en: 'Leads elsewhere when a message comes while the step runs', ru: 'Уводит на другой путь, если во время шага приходит сообщение' },
    ['message', 'boundary', 'withdraw', 'сообщение', 'отзыв', 'граница'], { boundary: 'message' }),
];

const PATTERN_ITEMS: readonly PaletteItem[] = PATTERNS.map((pattern) => ({
  id: `pattern:${pattern.id}`,
  kind: pattern.icon,
  pattern,
  title: pattern.title,
  doc: pattern.doc,
  category: PATTERN_CATEGORY,
  synonyms: [...pattern.synonyms, 'pattern', 'образец', 'шаблон'],
}));

export function paletteItems(types: readonly NodeType[]): PaletteItem[] {
  const services = types.map((type): PaletteItem => ({
    id: type.type,
    kind: 'service_task',
    type,
    title: type.title,
    doc: type.doc,
    category: type.category,
    synonyms: [type.type],
  }));
  return [...services, ...ELEMENTS, ...PATTERN_ITEMS];
}

export interface PaletteGroup {
  category: Text;
  items: PaletteItem[];
}

const LAST = [PEOPLE, DATA, FLOW, EVENTS, BORDER, PATTERN_CATEGORY].map((category) => category.en);

/** By category: those of the catalog in alphabetical order of the reader's language, then the built-in ones in theirs. */
export function groupItems(items: readonly PaletteItem[], locale: Locale): PaletteGroup[] {
  const groups = new Map<string, PaletteGroup>();
  for (const item of items) {
    const name = item.category.en;
    const group = groups.get(name) ?? { category: item.category, items: [] };
    group.items.push(item);
    groups.set(name, group);
  }
  // What only shows how things work stands behind what does them.
  const order = (group: PaletteGroup): number => (group.category.en === 'Demo' ? LAST.length : LAST.indexOf(group.category.en));
  return [...groups.values()].sort((a, b) => order(a) - order(b) || localized(a.category, locale).localeCompare(localized(b.category, locale), locale));
}

export function searchItems(items: readonly PaletteItem[], query: string, locale: Locale): PaletteItem[] {
  const other: Locale = locale === 'ru' ? 'en' : 'ru';
  return rank(query, items, (item) => [
    localized(item.title, locale),
    item.title[other],
    ...item.synonyms,
    localized(item.category, locale),
    item.category[other],
  ], (item) => (item.pattern === undefined ? 1 : 0.85));
}

export function newNode(item: PaletteItem, locale: Locale): NewNode {
  return {
    kind: item.kind,
    title: localized(item.title, locale),
    ...(item.type !== undefined && { type: item.type.type }),
    ...(item.startKind !== undefined && { startKind: item.startKind }),
    ...(item.endKind !== undefined && { endKind: item.endKind }),
    ...(item.boundary !== undefined && { boundary: item.boundary }),
  };
}

/** The titles that steps of a kind get when they are put on the canvas, in both languages. */
export function usualTitles(node: Pick<GraphNode, 'kind'>): string[] {
  return ELEMENTS.filter((item) => item.kind === node.kind).flatMap((item) => [item.title.en, item.title.ru]);
}

/** The element of the palette that a node is, its variant included. */
export function elementOf(kind: NodeKind, node?: Pick<GraphNode, 'start' | 'end' | 'boundary'>): PaletteItem | undefined {
  const found = ELEMENTS.filter((item) => item.kind === kind);
  const variant = found.find(
    (item) =>
      (item.startKind ?? 'manual') === (node?.start?.kind ?? 'manual') &&
      (item.endKind ?? 'none') === (node?.end?.kind ?? 'none') &&
      (item.boundary === undefined || node?.boundary === undefined || item.boundary === node.boundary.kind),
  );
  return variant ?? found[0];
}
