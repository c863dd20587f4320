import type { SecretBox } from '@hooklane/secret-box';
import type { Sealer } from '../ports.js';

export function boxedSealer(box: SecretBox): Sealer {
  return {
    seal: (text, context) => box.seal(Buffer.from(text), context).toString('base64url'),
    open(sealed, context) {
      try {
        return box.open(Buffer.from(sealed, 'base64url'), context).toString();
      } catch {
        // A token from outside may be anything. A master key that does not fit keeps the process from starting.
        return null;
      }
    },
  };
}
