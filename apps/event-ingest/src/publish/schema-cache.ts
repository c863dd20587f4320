import type { EventTypeState } from '@hooklane/contracts/topics';
import { compileEventSchema, type EventSchema } from '@hooklane/routing';

/** Some 20-200 KB of code each. */
const SCHEMAS_KEPT = 500;

/** Compiled schemas, the least recently used forgotten first. A changed event type is another object, so a change needs no telling. */
export class SchemaCache {
  private readonly kept = new Map<EventTypeState, EventSchema>();

  /** @throws AppError `invalid-schema` (the registry refuses such schemas) */
  readonly of = (type: EventTypeState): EventSchema => {
    const known = this.kept.get(type);
    const schema = known ?? compileEventSchema(type.schema);
    this.kept.delete(type);
    this.kept.set(type, schema);
    if (this.kept.size > SCHEMAS_KEPT) this.kept.delete(this.kept.keys().next().value as EventTypeState);
    return schema;
  };
}
