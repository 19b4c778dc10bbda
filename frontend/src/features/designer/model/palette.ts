// What can be put on the canvas: the node types of the catalog by category, and the elements of the flow.

import { localized, type Locale, type NodeType, type Text } from '@/shared/graph/node-type';
import type { EndKind, NodeKind } from '@/shared/graph/types';
import type { NewNode } from '@/shared/graph/insert';

import { rank } from './fuzzy';

export interface PaletteItem {
  /** Unique: a node type, or a kind with its variant. */
  id: string;
  kind: NodeKind;
  type?: NodeType;
  endKind?: EndKind;
  title: Text;
  doc: Text;
  category: Text;
  synonyms: readonly string[];
}

const FLOW: Text = { en: 'Flow', ru: 'Поток' };

function flow(id: string, kind: NodeKind, title: Text, doc: Text, synonyms: string[], endKind?: EndKind): PaletteItem {
  return { id, kind, title, doc, category: FLOW, synonyms, ...(endKind !== undefined && { endKind }) };
}

const FLOW_ITEMS: readonly PaletteItem[] = [
  flow('exclusive_gateway', 'exclusive_gateway', { en: 'Choice', ru: 'Выбор' },
    { en: 'Takes the first branch whose condition holds', ru: 'Идёт по первой ветви, условие которой верно' },
    ['if', 'xor', 'exclusive', 'decision', 'condition', 'branch', 'switch', 'если', 'условие', 'развилка', 'решение', 'шлюз']),
  flow('parallel_gateway', 'parallel_gateway', { en: 'Parallel', ru: 'Параллельно' },
    { en: 'Starts all branches at once, or waits for all of them', ru: 'Запускает все ветви сразу или ждёт их все' },
    ['and', 'fork', 'join', 'split', 'gateway', 'и', 'слияние', 'разделение', 'шлюз', 'одновременно']),
  flow('inclusive_gateway', 'inclusive_gateway', { en: 'Any of', ru: 'Любые из' },
    { en: 'Takes each branch whose condition holds, or waits for those that were taken', ru: 'Идёт по каждой ветви, условие которой верно, или ждёт взятые' },
    ['or', 'inclusive', 'several', 'multi choice', 'или', 'несколько', 'развилка', 'шлюз']),
  flow('event_gateway', 'event_gateway', { en: 'First event', ru: 'Первое событие' },
    { en: 'Waits for the first of several timers and messages', ru: 'Ждёт первое из нескольких таймеров и сообщений' },
    ['race', 'event based', 'wait', 'deferred choice', 'гонка', 'ожидание', 'событие', 'шлюз']),
  flow('user_task', 'user_task', { en: 'User task', ru: 'Задача человеку' },
    { en: 'Asks a person, by a form', ru: 'Спрашивает человека по форме' },
    ['human', 'form', 'approve', 'review', 'person', 'clerk', 'человек', 'форма', 'согласование', 'проверка', 'оператор']),
  flow('decision_task', 'decision_task', { en: 'Decision table', ru: 'Таблица решений' },
    { en: 'Finds values by rules in a table', ru: 'Находит значения по правилам таблицы' },
    ['dmn', 'rules', 'business rule', 'table', 'правила', 'таблица', 'решение']),
  flow('sub_process', 'sub_process', { en: 'Sub-process', ru: 'Подпроцесс' },
    { en: 'Holds steps of its own; repeated for a list, or ended by an event on its border', ru: 'Содержит свои шаги; повторяется по списку или завершается событием на границе' },
    ['scope', 'group', 'embedded', 'loop', 'for each', 'вложенный', 'группа', 'цикл', 'список']),
  flow('timer_event', 'timer_event', { en: 'Wait', ru: 'Ожидание' },
    { en: 'Waits for a time', ru: 'Ждёт времени' },
    ['timer', 'delay', 'sleep', 'until', 'cron', 'таймер', 'пауза', 'задержка', 'время']),
  flow('message_event', 'message_event', { en: 'Message', ru: 'Сообщение' },
    { en: 'Waits for a message from outside', ru: 'Ждёт сообщения извне' },
    ['receive', 'callback', 'correlation', 'event', 'получить', 'ответ', 'событие']),
  flow('script_task', 'script_task', { en: 'Script', ru: 'Скрипт' },
    { en: 'Builds values from expressions', ru: 'Вычисляет значения по выражениям' },
    ['expression', 'calculate', 'set', 'variable', 'transform', 'вычислить', 'переменная', 'выражение', 'преобразовать']),
  flow('start_event', 'start_event', { en: 'Start', ru: 'Начало' },
    { en: 'Where a process begins, and what it needs', ru: 'С чего начинается процесс и что ему нужно' },
    ['begin', 'input', 'trigger', 'старт', 'вход', 'запуск']),
  flow('end_event', 'end_event', { en: 'End', ru: 'Конец' },
    { en: 'A path ends here, with its output', ru: 'Здесь путь заканчивается своим результатом' },
    ['finish', 'done', 'output', 'завершение', 'финиш', 'результат'], 'none'),
  flow('end_event:error', 'end_event', { en: 'Error end', ru: 'Конец с ошибкой' },
    { en: 'Ends the process as failed, with a code', ru: 'Завершает процесс неудачей с кодом' },
    ['fail', 'throw', 'reject', 'отказ', 'неудача', 'сбой'], 'error'),
  flow('end_event:terminate', 'end_event', { en: 'Terminate', ru: 'Прервать всё' },
    { en: 'Ends the process at once, other branches included', ru: 'Сразу завершает процесс вместе с другими ветвями' },
    ['stop', 'abort', 'kill', 'стоп', 'остановить', 'прекратить'], 'terminate'),
];

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
  return [...services, ...FLOW_ITEMS];
}

export interface PaletteGroup {
  category: Text;
  items: PaletteItem[];
}

/** By category, in alphabetical order of the reader's language; the flow's elements last. */
export function groupItems(items: readonly PaletteItem[], locale: Locale): PaletteGroup[] {
  const groups = new Map<string, PaletteGroup>();
  for (const item of items) {
    const name = item.category.en;
    const group = groups.get(name) ?? { category: item.category, items: [] };
    group.items.push(item);
    groups.set(name, group);
  }
  const flowLast = (group: PaletteGroup): number => (group.category.en === FLOW.en ? 1 : 0);
  return [...groups.values()].sort(
    (a, b) => flowLast(a) - flowLast(b) || localized(a.category, locale).localeCompare(localized(b.category, locale), locale),
  );
}

export function searchItems(items: readonly PaletteItem[], query: string, locale: Locale): PaletteItem[] {
  const other: Locale = locale === 'ru' ? 'en' : 'ru';
  return rank(query, items, (item) => [
    localized(item.title, locale),
    item.title[other],
    ...item.synonyms,
    localized(item.category, locale),
    item.category[other],
  ]);
}

export function newNode(item: PaletteItem, locale: Locale): NewNode {
  return {
    kind: item.kind,
    title: localized(item.title, locale),
    ...(item.type !== undefined && { type: item.type.type }),
    ...(item.endKind !== undefined && { endKind: item.endKind }),
  };
}
