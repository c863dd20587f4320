import type { SourceState } from '@hooklane/contracts/topics';
import { inboundVerifier, type InboundVerifier } from '@hooklane/dialects';

/** What verifies the calls of each source, made once for each version of it. Holds secrets. */
export class SourceVerifiers {
  private readonly made = new WeakMap<SourceState, InboundVerifier | null>();

  /**
   * @param open of the secret box
   * @param failed hears once of each version of a source whose secret cannot be opened
   */
  constructor(
    private readonly open: (sealed: Uint8Array, context: string) => string,
    private readonly failed: (source: SourceState, error: unknown) => void,
  ) {}

  /** @returns null where its secret cannot be opened, or a later version of us made it */
  of(source: SourceState): InboundVerifier | null {
    const known = this.made.get(source);
    if (known !== undefined) return known;
    const verifier = this.make(source);
    this.made.set(source, verifier);
    return verifier;
  }

  private make(source: SourceState): InboundVerifier | null {
    try {
      return inboundVerifier(source, this.open(source.sealedSecret, `source/${source.tenantId}/${source.sourceId}`));
    } catch (error) {
      this.failed(source, error);
      return null;
    }
  }
}
