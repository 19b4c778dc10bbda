import { describe, expect, it } from 'vitest';

import { canConnect } from './connect';
import { removeNodes, renameNode, updateNode } from './edit';
import { insertHandler } from './insert';
import { handlersFor, nodeById, undoableIn } from './query';
import { line } from './testing';

const undoing = () => {
  const made = insertHandler(line(), 'check', 'Undo: Check');
  if (made === undefined) throw new Error('nothing was inserted');
  return { id: made.id, doc: updateNode(made.doc, 'end', (node) => ({ ...node, end: { kind: 'compensate' }, undoes: 'check' })) };
};

describe('a step that undoes another', () => {
  it('stands beside it and has no flows', () => {
    const { id, doc } = undoing();
    expect(nodeById(doc, 'check')?.undone_by).toBe(id);
    expect(canConnect(doc, 'check', id)).toEqual({ legal: false, reason: 'only_undoes' });
    expect(undoableIn(doc, undefined).map((node) => node.id)).toEqual(['check']);
  });

  it('is offered only where nothing leads to it', () => {
    const { id, doc } = undoing();
    expect(handlersFor(doc, 'check').map((node) => node.id)).toEqual([id]);
    expect(handlersFor(doc, id)).toEqual([]);
  });

  it('is not made twice', () => {
    expect(insertHandler(undoing().doc, 'check', 'Again')).toBeUndefined();
  });

  it('keeps its names when a step is renamed', () => {
    const { id, doc } = undoing();
    const renamed = renameNode(renameNode(doc, 'check', 'inspect'), id, 'back');
    expect(nodeById(renamed, 'inspect')?.undone_by).toBe('back');
    expect(nodeById(renamed, 'end')?.undoes).toBe('inspect');
  });

  it('is forgotten with the step', () => {
    const { id, doc } = undoing();
    expect(nodeById(removeNodes(doc, new Set([id])), 'check')).not.toHaveProperty('undone_by');
    expect(nodeById(removeNodes(doc, new Set(['check'])), 'end')).not.toHaveProperty('undoes');
  });
});
