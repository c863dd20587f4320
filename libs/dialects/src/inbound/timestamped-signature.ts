import { createHmac } from 'node:crypto';
import { refused, verified, type InboundSource, type InboundVerifier } from './inbound-request.js';
import { sameText } from './same.js';
import { isWithin, unixSeconds } from './timestamps.js';

/** As Stripe and many after it: `t=<seconds>,v1=<hex>[,v1=<hex>…]`, HMAC-SHA256 over `<t>.<body>`; schemes that are not known are passed over. */
export function timestampedVerifier({ header, toleranceSeconds }: InboundSource, secret: string): InboundVerifier {
  return {
    verify(request) {
      const given = request.header(header);
      if (given === undefined || given === '') return refused('signature-missing');
      const parts = given.split(',').map((part) => part.trim());
      const valuesOf = (name: string): string[] => parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1));
      const [timestamp] = valuesOf('t');
      const seconds = unixSeconds(timestamp);
      if (seconds === null) return refused('timestamp-missing');
      if (!isWithin(seconds, request.nowMs, toleranceSeconds)) return refused('timestamp-out-of-tolerance');
      const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(request.body).digest('hex');
      return valuesOf('v1').some((signature) => sameText(signature, expected)) ? verified(expected) : refused('signature-wrong');
    },
  };
}
