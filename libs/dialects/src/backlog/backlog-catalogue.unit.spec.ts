import { describe, expect, it } from '@jest/globals';
import { catalogueEntry } from '../catalogue.js';
import { backlogCatalogue } from './backlog-catalogue.js';

describe('what a Backlog hook is told of', () => {
  it.each([
    [['issue.commented'], ['issue.commented', '3']],
    [['3'], ['3', 'issue.commented']],
    [['3', 'issue.commented'], ['3', 'issue.commented']],
    [['*'], ['*']],
    [['wiki.*'], ['wiki.*', '5', '6', '7']],
    [['document.comment-reply-created', 'svn.*'], ['document.comment-reply-created', '43', 'svn.*', '11']],
    // Not in the catalogue: told of as they are.
    [['99', 'issue.exploded', 'shop.*'], ['99', 'issue.exploded', 'shop.*']],
  ])('%j: by names and numbers alike', (eventTypes, matched) => {
    expect(backlogCatalogue.matched(eventTypes)).toEqual(matched);
  });

  it('a type is found by its name and by its number', () => {
    expect(catalogueEntry(backlogCatalogue, '21')).toBe(catalogueEntry(backlogCatalogue, 'pull-request.merged'));
    expect(catalogueEntry(backlogCatalogue, '27')).toBeUndefined();
    expect([backlogCatalogue.unknownTypes, backlogCatalogue.testEntry]).toEqual(['accept', null]);
  });

  it('every type has a title, a group and exactly one number, and no name or number comes twice', () => {
    const names = backlogCatalogue.entries.flatMap(({ type, aliases }) => [type, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
    for (const { type, title, group, aliases } of backlogCatalogue.entries) expect([title !== '', type.startsWith(`${group}.`), aliases.length]).toEqual([true, true, 1]);
  });
});
