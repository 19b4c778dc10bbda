import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';

import { startTexts } from '../i18n/i18n';
import { migrationIssueText, type MigrationRemark } from './migration-issue';

const names: Record<string, string> = { answer: 'Ответ', sub: 'Проверка', late: 'Просрочено' };
const said = (code: string, params: Record<string, unknown> = {}, rest: Partial<MigrationRemark> = {}): string =>
  migrationIssueText({ code, message: 'in English', params, ...rest }, i18next.t, i18next, (node) => names[node] ?? node);

describe('what has no place in another version', () => {
  beforeAll(() => startTexts('ru'));

  it('is told with what the server names', () => {
    expect(said('migrate.node_kind', { from: 'user_task', to: 'timer_event' })).toBe('здесь это «Задача человеку», там — «Ожидание»');
    expect(said('migrate.node_type', { from: 'demo.step@1', to: 'demo.noop@1' })).toBe('здесь он вызывает demo.step@1, там — demo.noop@1');
    expect(said('migrate.node_level', { what: 'inside', to: 'sub' })).toBe('там он лежит внутри «Проверка»');
    expect(said('migrate.wait', { what: 'message', from: 'answer', to: 'late' })).toBe('здесь он ждёт сообщения answer, там — late');
    expect(said('migrate.wait', { what: 'border', event: 'late' })).toBe('на его границе ждёт «Просрочено», а там такого события нет');
    expect(said('migrate.error', { error: 'E_1' })).toBe('ошибку E_1 там никто не ловит');
  });
  it('says what the input lacks', () => {
    expect(said('migrate.input', { path: '/email', broken: 'schema.required', name: 'email', detail: 'email is missing' })).toBe('входные данные процесса: не хватает «email»');
    expect(said('migrate.input', { path: '/a', broken: 'schema.strange', detail: 'strange' })).toBe('входные данные процесса: strange');
  });
  it('has words for each code, with less where less is known', () => {
    expect(said('migrate.undo')).toBe('выполненное здесь там будет не отменить');
    expect(said('migrate.plan')).toBe('в нём идёт план, а там планировать ему нельзя');
    expect(said('bulk.more_issues', { count: 2 })).toBe('и ещё 2');
    expect(said('migrate.unheard')).toBe('in English');
  });
});
