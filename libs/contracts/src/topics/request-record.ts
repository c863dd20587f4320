import { LaneCommand, type DeliveriesRequested, type DeliveryRequest, type HookVersion } from '../gen/hooklane/topics/v1/topics.js';
import { FieldReader } from './field-reader.js';
import { boundOfNumbers, boundOfPair, boundOfTexts, FieldWriter } from './field-writer.js';

/** `DeliveriesRequested.encode` of a request, for the hot path: a third of the generated encoder's time, and one buffer. The properties beside it hold both to the generated code. */
export function encodeDeliveryRequest(request: DeliveryRequest): Buffer {
  const writer = new FieldWriter(boundOf(request));
  const start = writer.begin(1);
  writer.text(1, request.tenantId);
  writer.text(2, request.eventId);
  writer.text(3, request.sourceStream);
  writer.number(4, request.sourcePosition);
  for (const hook of request.hooks) writeHook(writer, hook);
  writer.text(6, request.trigger);
  writer.text(7, request.replayId);
  writer.end(start);
  return writer.finish();
}

/** `DeliveriesRequested.decode` for the hot path. @throws Error for what is no such record */
export function decodeDeliveriesRequested(record: Buffer): DeliveriesRequested {
  const read: DeliveriesRequested = { kind: undefined };
  const fields = new FieldReader(record);
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) read.kind = { $case: 'request', value: decodeRequest(fields.bytes()) };
    else if (field === 2) read.kind = { $case: 'command', value: LaneCommand.decode(fields.bytes()) };
    else fields.skip();
  }
  return read;
}

function decodeRequest(message: Buffer): DeliveryRequest {
  const request: DeliveryRequest = { tenantId: '', eventId: '', sourceStream: '', sourcePosition: 0, hooks: [], trigger: '', replayId: '' };
  const fields = new FieldReader(message);
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) request.tenantId = fields.text();
    else if (field === 2) request.eventId = fields.text();
    else if (field === 3) request.sourceStream = fields.text();
    else if (field === 4) request.sourcePosition = fields.number();
    else if (field === 5) request.hooks.push(decodeHook(fields.bytes()));
    else if (field === 6) request.trigger = fields.text();
    else if (field === 7) request.replayId = fields.text();
    else fields.skip();
  }
  return request;
}

function decodeHook(message: Buffer): HookVersion {
  const hook: HookVersion = { hookId: '', version: 0 };
  const fields = new FieldReader(message);
  for (let field = fields.next(); field !== 0; field = fields.next()) {
    if (field === 1) hook.hookId = fields.text();
    else if (field === 2) hook.version = fields.number();
    else fields.skip();
  }
  return hook;
}

function writeHook(writer: FieldWriter, { hookId, version }: HookVersion): void {
  const start = writer.begin(5);
  writer.text(1, hookId);
  writer.number(2, version);
  writer.end(start);
}

function boundOf({ tenantId, eventId, sourceStream, hooks, trigger, replayId }: DeliveryRequest): number {
  let bytes = boundOfPair('', '') + boundOfNumbers(1) + boundOfTexts(tenantId, eventId, sourceStream, trigger, replayId);
  for (const { hookId } of hooks) bytes += boundOfPair(hookId, '') + boundOfNumbers(1);
  return bytes;
}
