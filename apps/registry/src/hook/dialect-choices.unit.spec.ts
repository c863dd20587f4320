import { describe, expect, it } from '@jest/globals';
import { nativeDialect } from '@hooklane/dialects';
import { shopDialect } from '../../test/shop-dialect.js';
import { choicesText, forbiddenChoices, patchedChoices, shownChoices } from './dialect-choices.js';

const patch = (...args: Parameters<typeof patchedChoices> extends [unknown, ...infer Rest] ? Rest : never) => patchedChoices(shopDialect, ...args);

describe('what a hook changes of its dialect', () => {
  it('is merged: absent leaves, null gives the dialect\'s own back', () => {
    const gone = patch({}, { gone: 'fail' });
    expect(gone).toEqual({ gone: 'fail' });
    expect(patch(gone, undefined)).toBe(gone);
    expect(patch(gone, { connectTimeoutMs: 5 })).toEqual({ gone: 'fail', connectTimeoutMs: 5 });
    expect(patch(gone, { gone: null })).toEqual({});
    expect(patch(gone, null)).toEqual({});
  });

  it('is merged member by member over the dialect\'s own', () => {
    const { signature } = shopDialect.options;
    expect(patch({}, { signature: { algorithm: 'sha256' } })).toEqual({ signature: { ...signature, algorithm: 'sha256' } });
    expect(patch({}, { success: { body: { strictCase: true } } })).toEqual({ success: { status: '200', body: { field: 'status', equals: 'OK', strictCase: true } } });
    expect(patch({}, { success: { body: null } })).toEqual({ success: { status: '200', body: null } });
    expect(patchedChoices(nativeDialect, {}, { success: { body: { field: 'ok', equals: 'yes' } } })).toEqual({ success: { status: '2xx', body: { field: 'ok', equals: 'yes', strictCase: false } } });
  });

  it('is nothing where it is the dialect\'s own anyway', () => {
    expect(patch({ gone: 'fail' }, { gone: 'delete', success: { status: '200' } })).toEqual({});
  });

  it('stands in the table of hooks as text, or not at all', () => {
    expect(choicesText({})).toBe('');
    expect(choicesText({ gone: 'fail' })).toBe('{"gone":"fail"}');
  });

  it('is shown as it is in effect, as far as one may choose', () => {
    const { signature, success } = shopDialect.options;
    expect(shownChoices(shopDialect, { gone: 'fail' })).toEqual({ signature, success, gone: 'fail' });
  });

  it('is named where the dialect does not let one choose', () => {
    expect(forbiddenChoices(shopDialect, { gone: 'fail', timeZone: 'Asia/Tokyo' })).toEqual(['timeZone']);
  });
});
