const VARINT = 0;
const BYTES_8 = 1;
const BYTES = 2;
const BYTES_4 = 5;
/** Of the tenth group of seven bits: a number has at most 64. */
const LAST_FACTOR = 2 ** 63;

/**
 * Walks the fields of a protobuf message (protobuf.dev "Encoding"), of which each reader takes what it needs; the counterpart of `FieldWriter`.
 * The generated decoders make a view, a list and a BigInt where a Node buffer needs none, copy every body and build every header: an eighth of all
 * that a delivery allocates. Who uses it holds it to the generated code with a property.
 */
export class FieldReader {
  private at = 0;
  private wireType = 0;

  constructor(private readonly record: Buffer) {}

  /** @returns the next field's number, or 0 at the end. Each field must then be read or skipped. */
  next(): number {
    if (this.at >= this.record.length) return 0;
    const tag = this.varint();
    this.wireType = tag & 7;
    return tag >>> 3;
  }

  /** A whole number. @throws RangeError beyond 2^53 in either direction */
  number(): number {
    if (this.wireType !== VARINT) throw new TypeError('A field has another type than its contract says.');
    const start = this.at;
    const value = this.varint();
    return value <= Number.MAX_SAFE_INTEGER ? value : this.signed(start);
  }

  text(): string {
    const start = this.begin();
    return this.record.toString('utf8', start, this.at);
  }

  /** Bytes, or a message within this one. A part of the record, not a copy. */
  bytes(): Buffer {
    const start = this.begin();
    return this.record.subarray(start, this.at);
  }

  skip(): void {
    if (this.wireType === VARINT) this.varint();
    else if (this.wireType === BYTES) this.begin();
    else if (this.wireType === BYTES_8) this.at += 8;
    else if (this.wireType === BYTES_4) this.at += 4;
    else throw new TypeError(`Wire type ${this.wireType} is not one of protobuf's.`);
    this.mustNotBeBeyond();
  }

  /** Goes behind a field that has a length. @returns where its content begins */
  private begin(): number {
    if (this.wireType !== BYTES) throw new TypeError('A field has another type than its contract says.');
    const length = this.varint();
    const start = this.at;
    this.at = start + length;
    this.mustNotBeBeyond();
    return start;
  }

  private mustNotBeBeyond(): void {
    if (this.at > this.record.length) throw new RangeError('The record ends within a field.');
  }

  /** Rounded beyond 2^53, and a negative one as the unsigned number of the same bits. */
  private varint(): number {
    let value = 0;
    for (let factor = 1; factor <= LAST_FACTOR; factor *= 0x80) {
      const byte = this.record[this.at++];
      if (byte === undefined) throw new RangeError('The record ends within a number.');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new RangeError('A number is longer than 64 bits.');
  }

  /** The number between `start` and here, exactly. */
  private signed(start: number): number {
    let value = 0n;
    for (let at = this.at - 1; at >= start; at -= 1) value = (value << 7n) | BigInt((this.record[at] as number) & 0x7f);
    const exact = Number(BigInt.asIntN(64, value));
    if (!Number.isSafeInteger(exact)) throw new RangeError('A number is beyond 2^53.');
    return exact;
  }
}
