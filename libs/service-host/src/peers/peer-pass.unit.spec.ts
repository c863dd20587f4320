import { describe, expect, it } from '@jest/globals';
import { cryptoRandom } from '@hooklane/kernel';
import { masterKeyFrom, SecretBox } from '@hooklane/secret-box';
import { PeerPasses } from './peer-pass.js';

const boxOf = (fill: number): SecretBox => new SecretBox(masterKeyFrom(Buffer.alloc(32, fill).toString('base64')), cryptoRandom);
const at = (nowMs: number, fill = 1): PeerPasses => new PeerPasses(boxOf(fill), { nowMs: () => nowMs });
const T = 1_800_000_000_000;
const pass = at(T).issue({ tenantId: 'acme', actor: 'user:usr_1' });
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'admitted';
};

describe('a pass between services', () => {
  it('admits to everything in its tenant, as its actor', () => {
    const { tenantId, actor, scopes } = at(T + 1_000).admit(pass);
    expect([tenantId, actor, scopes.has('admin'), scopes.has('publish')]).toEqual(['acme', 'user:usr_1', true, true]);
  });

  it('ends within a minute', () => {
    expect(codeOf(() => at(T + 29_999).admit(pass))).toBe('admitted');
    expect(codeOf(() => at(T + 30_000).admit(pass))).toBe('unauthenticated');
  });

  it('that claims to last longer than any of ours is refused', () => {
    expect(codeOf(() => at(T - 30_001).admit(pass))).toBe('unauthenticated');
    expect(codeOf(() => at(T - 30_000).admit(pass))).toBe('admitted');
  });

  it.each([['of another installation', at(T, 2).issue({ tenantId: 'acme', actor: 'x' })], ['with a byte changed', `${pass.slice(0, -3)}AAA`], ['that is none', 'hlp_'], ['that is another sealed value', `hlp_${boxOf(1).seal(Buffer.from(JSON.stringify(['acme', 'x', T + 1_000])), 'hook/acme/hook_1').toString('base64url')}`]])('%s is refused', (_, wrong) => {
    expect(codeOf(() => at(T).admit(wrong))).toBe('unauthenticated');
  });

  it('does not show whom it is for, and is another one each time', () => {
    expect(Buffer.from(pass.slice(4), 'base64url').toString('latin1')).not.toContain('acme');
    expect(at(T).issue({ tenantId: 'acme', actor: 'user:usr_1' })).not.toBe(pass);
    expect(at(T).isPass('hl_abc')).toBe(false);
  });
});
