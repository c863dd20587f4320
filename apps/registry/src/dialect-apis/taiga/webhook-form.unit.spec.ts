import { describe, expect, it } from '@jest/globals';
import { webhookForm } from './webhook-form.js';

const whole = { project: 3, name: 'CI', url: 'https://ci.example/taiga', key: 's3cr3t' };
const errorsOf = (body: Record<string, unknown>, method: 'POST' | 'PUT' | 'PATCH' = 'POST'): unknown => {
  const form = webhookForm(body, method);
  return form.ok ? null : form.errors;
};
const REQUIRED = ['This field is required.'];

describe("Taiga's form of a webhook", () => {
  it('reads its fields and leaves others alone', () => {
    expect(webhookForm({ ...whole, id: 7, logs_counter: 3 }, 'POST')).toEqual({ ok: true, fields: whole });
  });

  it('asks for all of its fields, in the words of Taiga', () => {
    expect(errorsOf({})).toEqual({ project: REQUIRED, name: REQUIRED, url: REQUIRED, key: REQUIRED });
    expect(errorsOf({ ...whole, name: '', key: null })).toEqual({ name: REQUIRED, key: REQUIRED });
  });

  it('asks for nothing in a PATCH, but does not let one empty a field', () => {
    expect(webhookForm({ name: 'x' }, 'PATCH')).toEqual({ ok: true, fields: { name: 'x' } });
    expect(webhookForm({}, 'PATCH')).toEqual({ ok: true, fields: {} });
    expect(errorsOf({ name: '' }, 'PATCH')).toEqual({ name: REQUIRED });
  });

  it('asks in a PUT for what one may edit, which the project is not in every client', () => {
    expect(errorsOf({}, 'PUT')).toEqual({ name: REQUIRED, url: REQUIRED, key: REQUIRED });
    expect(webhookForm(whole, 'PUT')).toEqual({ ok: true, fields: whole });
  });

  it('takes texts for numbers and numbers for texts, as forms do', () => {
    expect(webhookForm({ ...whole, project: '3', name: 12, key: true }, 'POST')).toEqual({ ok: true, fields: { ...whole, name: '12', key: 'true' } });
  });

  it('trims an address', () => {
    expect(webhookForm({ ...whole, url: ' https://ci.example/ ' }, 'POST')).toEqual({ ok: true, fields: { ...whole, url: 'https://ci.example/' } });
  });

  it.each([
    ['project', 'shop', "Invalid pk 'shop' - object does not exist."],
    ['project', -1, "Invalid pk '-1' - object does not exist."],
    ['project', [3], 'Incorrect type.  Expected pk value, received list.'],
    ['project', {}, 'Incorrect type.  Expected pk value, received dict.'],
    ['name', 'é'.repeat(251), 'Ensure this value has at most 250 characters (it has 251).'],
    ['name', ['x'], 'Not a valid string.'],
    ['name', 'a\u0000b', 'Null characters are not allowed.'],
    ['key', {}, 'Not a valid string.'],
    ['url', 'ci.example', 'Enter a valid URL.'],
    ['url', 'ftp://ci.example', 'Enter a valid URL.'],
    ['url', 'https://', 'Enter a valid URL.'],
    ['url', 'https://a b/', 'Enter a valid URL.'],
    ['url', 7, 'Enter a valid URL.'],
    ['url', `https://ci.example/${'x'.repeat(182)}`, 'Ensure this value has at most 200 characters (it has 201).'],
  ])('refuses %s %j', (field, value, message) => {
    expect(errorsOf({ ...whole, [field]: value })).toEqual({ [field]: [message] });
  });

  it('counts characters as Python does', () => {
    expect(errorsOf({ ...whole, name: '💰'.repeat(250) })).toBeNull();
    expect(errorsOf({ ...whole, url: `https://ci.example/${'x'.repeat(181)}` })).toBeNull();
  });
});
