import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { invalidRequest, type SchemaIssue } from './invalid-request.js';

interface StandardSchema<Output = unknown> {
  readonly '~standard': { validate(value: unknown): { value: Output; issues?: undefined } | { issues: readonly SchemaIssue[] } | Promise<unknown> };
}

/** Validates what `@Body({schema})`, `@Query({schema})` and `@Param({schema})` name. Our schemas are synchronous; so is this, unlike Nest's own pipe. */
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema = metadata.schema as StandardSchema | undefined;
    if (!schema || metadata.type === 'custom') return value;
    const at = metadata.data && value !== undefined ? [metadata.data] : [];
    return validated(schema, value === undefined ? {} : value, metadata.type === 'query' ? 'query' : metadata.type === 'param' ? 'path' : undefined, at);
  }
}

/**
 * For messages that do not pass through a parameter decorator, such as those of a gRPC stream.
 * @throws AppError `invalid-request` with a pointer for each field that does not fit
 */
export function validated<Output>(schema: StandardSchema<Output>, value: unknown, where?: 'query' | 'path', at: readonly string[] = []): Output {
  const result = schema['~standard'].validate(value) as { value: Output; issues?: readonly SchemaIssue[] } | Promise<unknown>;
  if (result instanceof Promise) throw new TypeError('Request schemas must be synchronous.');
  if (result.issues) throw invalidRequest(at.length === 0 ? result.issues : result.issues.map((issue) => ({ ...issue, path: [...at, ...(issue.path ?? [])] })), where);
  return result.value;
}
