import { refused, verified, type InboundRequest, type InboundSource, type InboundVerdict, type InboundVerifier } from './inbound-request.js';
import { sameBytes } from './same.js';

const BASIC = /^Basic +([A-Za-z0-9+/=]+) *$/i;
const BEARER = /^Bearer +(.+?) *$/i;

/** RFC 7617. */
export function basicVerifier(source: InboundSource, secret: string): InboundVerifier {
  const expected = Buffer.from(`${source.basicAuthUser}:${secret}`);
  return credentialsVerifier(source, expected, (request) => {
    const encoded = BASIC.exec(request.header('authorization') ?? '')?.[1];
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64');
  });
}

/** A secret that every call carries as it is: in a header (after `Bearer ` too, where that is `Authorization`), or in the query. */
export function tokenVerifier(source: InboundSource, secret: string): InboundVerifier {
  const { header, query } = source;
  return credentialsVerifier(source, Buffer.from(secret), (request) => {
    if (header === '') return bytesOf(request.query(query), 'utf8');
    const value = request.header(header);
    return bytesOf(header.toLowerCase() === 'authorization' ? (BEARER.exec(value ?? '')?.[1] ?? value) : value, 'latin1');
  });
}

/** Nothing of the call is signed, so what tells one call from the next is a header that the source names. */
function credentialsVerifier({ idHeader }: InboundSource, expected: Buffer, givenOf: (request: InboundRequest) => Buffer | undefined): InboundVerifier {
  return {
    verify(request): InboundVerdict {
      const given = givenOf(request);
      if (given === undefined || given.length === 0) return refused('credentials-missing');
      if (!sameBytes(given, expected)) return refused('credentials-wrong');
      return verified(idHeader === '' ? null : request.header(idHeader) || null);
    },
  };
}

function bytesOf(text: string | undefined, encoding: 'utf8' | 'latin1'): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, encoding);
}
