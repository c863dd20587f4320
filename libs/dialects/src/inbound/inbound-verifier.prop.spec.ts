import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hashAlgorithms, openSslNameOf } from './hash-algorithms.js';
import { inboundKindNames } from './inbound-kinds.js';
import type { InboundRequest, InboundSource } from './inbound-request.js';
import { inboundVerifier } from './inbound-verifier.js';
import { sameBytes } from './same.js';

const source = (part: Partial<InboundSource>): InboundSource => ({ kind: 'tiki', verification: 'hmac', algorithm: 'sha256', header: 'x-s', query: 'q', basicAuthUser: 'u', toleranceSeconds: 300, idHeader: 'x-i', ...part });
const request = (body: Uint8Array, header: InboundRequest['header'], nowMs = 0): InboundRequest => ({ header, query: header, body, nowMs });
const bytes = fc.uint8Array({ maxLength: 300 });
const secret = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const encodings = [['hmac', 'hex'], ['base64 hmac', 'base64']] as const;

describe('inbound verification, for any call', () => {
  it('a Tiki handler verifies exactly the HMAC of the raw body, for any bytes, secret, algorithm and encoding', () => {
    fc.assert(
      fc.property(bytes, secret, fc.constantFrom(...hashAlgorithms), fc.constantFrom(...encodings), fc.nat(), (body, key, algorithm, [verification, encoding], at) => {
        const verifier = inboundVerifier(source({ verification, algorithm }), key)!;
        const right = createHmac(openSslNameOf(algorithm)!, key).update(body).digest(encoding);
        expect(verifier.verify(request(body, () => right)).ok).toBe(true);
        // One character changed, one left out, one more.
        const index = at % right.length;
        const changed = right.slice(0, index) + (right[index] === 'a' ? 'b' : 'a') + right.slice(index + 1);
        for (const wrong of [changed, right.slice(0, index) + right.slice(index + 1), `${right} `]) expect(verifier.verify(request(body, () => wrong)).ok).toBe(false);
        expect(verifier.verify(request(Buffer.concat([body, Buffer.of(0)]), () => right)).ok).toBe(false);
      }),
    );
  });

  it('no kind throws or verifies, whatever the headers hold', () => {
    // The secret is never in them: 64 random bytes.
    const unguessable = 'c2VjcmV0'.repeat(8);
    fc.assert(
      fc.property(fc.constantFrom(...inboundKindNames), bytes, fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('t=0,v1=', 'v1a,', 'Basic Og==', 'sha256=', '0', 'v1, v1a,AAAA')), (kind, body, text) => {
        for (const key of [unguessable, `whpk_${Buffer.alloc(32, 1).toString('base64')}`]) expect(inboundVerifier(source({ kind }), key)!.verify(request(body, () => text)).ok).toBe(false);
      }),
    );
  });

  it('compares as equality does', () => {
    fc.assert(fc.property(bytes, bytes, (left, right) => expect([sameBytes(left, left), sameBytes(left, right)]).toEqual([true, Buffer.compare(left, right) === 0])));
  });
});
