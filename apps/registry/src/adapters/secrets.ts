import { createHash } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { HookSecrets } from '@hooklane/contracts/topics';
import { publicKeyOf } from '@hooklane/dialects';
import type { RandomSource } from '@hooklane/kernel';
import type { SecretBox } from '@hooklane/secret-box';
import type { Secrets } from '../ports.js';

const KEY_BYTES = 32;

export function boxedSecrets(box: SecretBox, random: RandomSource): Secrets {
  return {
    seal: (secrets, tenantId, hookId) => box.seal(HookSecrets.encode(secrets).finish(), hookContext(tenantId, hookId)).toString('base64'),
    open: (sealed, tenantId, hookId) => HookSecrets.decode(box.open(Buffer.from(sealed, 'base64'), hookContext(tenantId, hookId))),
    signingKey(kind) {
      const bytes = random.bytes(KEY_BYTES).toString('base64');
      if (kind === 'v1') return { value: `whsec_${bytes}`, publicKey: null };
      const value = `whsk_${bytes}`;
      return { value, publicKey: publicKeyOf(value) };
    },
    apiKey() {
      const key = `hl_${random.bytes(KEY_BYTES).toString('base64url')}`;
      return { key, hash: hashOfApiKey(key) };
    },
    certificateProblem: ({ ca, certificate, key }) => {
      try {
        createSecureContext({ ...(ca ? { ca } : {}), ...(certificate ? { cert: certificate } : {}), ...(key ? { key } : {}) });
        return ca && !ca.includes('-----BEGIN CERTIFICATE-----') ? 'The authority is no PEM certificate.' : null;
      } catch {
        // OpenSSL's sentences may quote what they read.
        return 'The certificate, its key and the authority must be PEM and belong together.';
      }
    },
  };
}

/** What the tables and the event store know a key by. */
export function hashOfApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

const hookContext = (tenantId: string, hookId: string): string => `hook/${tenantId}/${hookId}`;
