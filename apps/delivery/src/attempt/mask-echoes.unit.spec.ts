import { describe, expect, it } from '@jest/globals';
import { HookSecrets } from '@hooklane/contracts/topics';
import { echoesOf, maskEchoes, maskEchoesInText } from './mask-echoes.js';

const secrets: HookSecrets = {
  ...HookSecrets.decode(Buffer.alloc(0)),
  url: 'https://receiver.example/in?token=tok%2Dplanted&v=1',
  basicAuthUser: 'ana',
  basicAuthPassword: 'pässword',
  headers: [{ name: 'X-Sec', value: 'sec-planted' }],
  signing: [{ secretId: 'sec_1', value: 'whsec_c2VjcmV0', createdAtMs: 0, expiresAtMs: 0 }],
};
const echoes = echoesOf(secrets);

describe('answers that repeat the request', () => {
  it.each([
    ['a query value as it was sent', 'GET /in?token=tok%2Dplanted', 'GET /in?token=***'],
    ['a query value as it is meant', '{"token":"tok-planted"}', '{"token":"***"}'],
    ['a secret header', 'X-Sec: sec-planted', 'X-Sec: ***'],
    ['a password', 'pässword, pässword', '***, ***'],
    ['credentials as they travel', `Authorization: Basic ${Buffer.from('ana:pässword').toString('base64')}`, 'Authorization: Basic ***'],
    ['a signing secret', 'key whsec_c2VjcmV0', 'key ***'],
  ])('do not bring %s into the log', (_what, answer, kept) => {
    expect(maskEchoes(Buffer.from(answer), echoes).toString()).toBe(kept);
    expect(maskEchoesInText(answer, echoes)).toBe(kept);
  });

  it.each([
    ['as it is', 'key="päss"/1'],
    ['in JSON', JSON.stringify({ key: 'key="päss"/1' })],
    ['in a form', new URLSearchParams({ k: 'key="päss"/1' }).toString()],
  ])('do not bring the receiver\'s own secret into the log: %s', (_how, answer) => {
    const masked = maskEchoes(Buffer.from(answer), echoesOf({ ...secrets, signing: [{ ...secrets.signing[0]!, value: 'key="päss"/1' }] })).toString();
    expect(masked).toContain('***');
    expect(masked).not.toMatch(/p(ä|%C3%A4)ss/);
  });

  it('are kept byte for byte where they hold no secret, also when they are no text', () => {
    const answer = Buffer.from([0, 255, 128, 10, 49, 61, 49, 0]);
    expect(maskEchoes(answer, echoes)).toBe(answer);
    const mixed = Buffer.concat([Buffer.from([255, 128]), Buffer.from('sec-planted'), Buffer.from([254])]);
    expect(maskEchoes(mixed, echoes)).toEqual(Buffer.concat([Buffer.from([255, 128]), Buffer.from('***'), Buffer.from([254])]));
  });

  it('do not lose what is too short to be told from ordinary text', () => {
    expect(maskEchoes(Buffer.from('v=1 and 1 more'), echoes).toString()).toBe('v=1 and 1 more');
  });
});
