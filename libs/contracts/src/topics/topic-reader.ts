import { BinaryReader, type WireType } from '@bufbuild/protobuf/wire';

/** Of the eighth group of seven bits; 2^53 takes no more. */
const LAST_FACTOR = 2 ** 49;
const VARINT = 0;
const BYTES = 2;

/**
 * The reader of the generated decoders, for records on the path of a delivery: `EventAccepted.decode(new TopicReader(record.value))`.
 * The library's own makes a view of every field it skips, a BigInt of every number and an array of every short text: an eighth of all that a
 * delivery allocates. A Node buffer needs none of them.
 */
export class TopicReader extends BinaryReader {
  constructor(private readonly bytesRead: Buffer) {
    super(bytesRead);
  }

  override string(): string {
    const length = this.uint32();
    const start = this.pos;
    this.pos += length;
    this.mustNotBeBeyond();
    return this.bytesRead.toString('utf8', start, this.pos);
  }

  override int64(): string | bigint {
    const start = this.pos;
    let value = 0;
    for (let factor = 1; factor <= LAST_FACTOR; factor *= 0x80) {
      const byte = this.bytesRead[this.pos++] as number;
      value += (byte & 0x7f) * factor;
      // The generated code asks for something to make a text of; a number is that too, without a BigInt on the way.
      if (byte < 0x80 && value <= Number.MAX_SAFE_INTEGER) return value as unknown as bigint;
    }
    // Negative, too large or cut short: whatever the library makes of it.
    this.pos = start;
    return super.int64();
  }

  /** @returns nothing of the field: the generated decoders throw it away. */
  override skip(wireType: WireType, fieldNumber?: number): Uint8Array {
    if (wireType === VARINT) while ((this.bytesRead[this.pos++] as number) >= 0x80);
    else if (wireType === BYTES) {
      const length = this.uint32();
      this.pos += length;
    } else return super.skip(wireType, fieldNumber);
    this.mustNotBeBeyond();
    return NOTHING;
  }

  private mustNotBeBeyond(): void {
    if (this.pos > this.len) throw new RangeError('The record ends within a field.');
  }
}

const NOTHING = new Uint8Array(0);
