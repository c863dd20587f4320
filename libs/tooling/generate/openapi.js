import { existsSync, readFileSync } from 'node:fs';
import { root } from '../driver/root.js';

/** Services with a REST face, in the order of the document. */
const SERVICES = ['registry', 'event-ingest', 'delivery', 'log-query'];

/** OpenAPI 3.1 of the native REST API, all services in one document, from the controllers and the schemas that they validate with. */
export const openapi = {
  name: 'OpenAPI document',
  owns: [],
  async make() {
    const services = SERVICES.filter((service) => existsSync(`${root}/apps/${service}/dist/${service}.module.js`));
    if (services.length === 0) return new Map();
    return new Map([['docs/openapi.json', `${JSON.stringify(await document(services), null, 2)}\n`]]);
  },
};

async function document(services) {
  await import('reflect-metadata');
  const [{ ModulesContainer, NestFactory }, { DocumentBuilder, SwaggerModule }, { FastifyAdapter }] = await Promise.all([import('@nestjs/core'), import('@nestjs/swagger'), import('@nestjs/platform-fastify')]);
  const modules = [];
  for (const service of services) modules.push(...Object.values(await import(`${root}/apps/${service}/dist/${service}.module.js`)).filter((exported) => typeof exported?.register === 'function'));
  class Everything {}
  // In preview mode Nest reads what classes say of themselves and makes none of them, so nothing of the context is ever used.
  const app = await NestFactory.create({ module: Everything, imports: modules.map((module) => module.register(inert)) }, new FastifyAdapter(), { preview: true, logger: ['error', 'fatal'], abortOnError: false });
  describeInputs([...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()].map(({ metatype }) => metatype)));
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const info = new DocumentBuilder().setOpenAPIVersion('3.1.0').setTitle('Hooklane').setDescription('Publish an event once; every subscribed hook gets it in order, signed, retried, logged and visible. Problems are RFC 9457 documents.').setVersion(version).addBearerAuth().build();
  return sorted(completed(named(SwaggerModule.createDocument(app, info))));
}

/**
 * What the swagger module cannot see. Handlers that take the untouched bytes name their schema with `@ApiBody`, which knows JSON Schema only (of a
 * zod schema it would print the insides); and a query that is validated as a whole is one parameter a field.
 */
function describeInputs(controllers) {
  const key = 'swagger/apiParameters';
  for (const controller of controllers) {
    for (const name of Object.getOwnPropertyNames(controller.prototype)) {
      const handler = controller.prototype[name];
      if (typeof handler !== 'function') continue;
      const given = (Reflect.getMetadata(key, handler) ?? []).map((parameter) => (parameter.schema?._zod === undefined ? parameter : { ...parameter, schema: jsonSchema(parameter.schema) }));
      const all = [...given, ...queryParameters(controller, name)];
      if (all.length > 0) Reflect.defineMetadata(key, all, handler);
    }
  }
}

/** Nest keeps a handler's arguments under `<kind>:<index>`; kind 4 is the query. */
function queryParameters(controller, name) {
  const routeArguments = Reflect.getMetadata('__routeArguments__', controller, name) ?? {};
  return Object.entries(routeArguments).filter(([kind, { schema }]) => kind.startsWith('4:') && schema?._zod !== undefined).flatMap(([, { schema }]) => {
    const whole = jsonSchema(schema);
    const { properties = {}, required = [] } = whole.$ref === undefined ? whole : whole.$defs[whole.$ref.replace('#/$defs/', '')];
    return Object.entries(properties).map(([field, { description, ...fieldSchema }]) => ({ in: 'query', name: field, required: required.includes(field), ...(description ? { description } : {}), schema: fieldSchema }));
  });
}

function jsonSchema(schema) {
  const { $schema: _dialect, ...rest } = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  return rest;
}

/** Stands for anything, answers anything with itself. */
const inert = new Proxy(() => undefined, {
  get: (_target, key) => (key === 'then' ? undefined : key === Symbol.toPrimitive ? () => 0 : key === Symbol.iterator ? [][Symbol.iterator] : inert),
  apply: () => inert,
});

/** A schema with a name is written once, under the document's components. */
function named(document) {
  const schemas = { ...document.components?.schemas };
  const walk = (value) => {
    if (Array.isArray(value)) return value.map(walk);
    if (value === null || typeof value !== 'object') return value;
    const { $defs = {}, ...rest } = value;
    for (const [name, schema] of Object.entries($defs)) schemas[name] = walk(schema);
    return Object.fromEntries(Object.entries(rest).map(([key, inner]) => [key, key === '$ref' ? inner.replace('#/$defs/', '#/components/schemas/') : walk(inner)]));
  };
  const walked = walk({ ...document, components: { ...document.components, schemas: {} } });
  for (const [name, schema] of Object.entries(schemas)) schemas[name] = walk(schema);
  return { ...walked, components: { ...walked.components, schemas } };
}

const PROBLEM = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `type` is `urn:hooklane:problem:<code>`.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: { type: 'array', description: 'Of `invalid-request`: every field that does not fit.', items: { type: 'object', properties: { pointer: { type: 'string' }, message: { type: 'string' } } } },
  },
  required: ['type', 'title', 'status', 'code'],
};

/** What holds for every operation: its path's parameters, the key, and how it says no. */
function completed(document) {
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations)) {
      const parameters = operation.parameters ?? [];
      const missing = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name).filter((name) => !parameters.some((parameter) => parameter.in === 'path' && parameter.name === name));
      operation.parameters = [...missing.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })), ...parameters];
      operation.responses.default ??= { description: 'A problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } };
    }
  }
  return { ...document, security: [{ bearer: [] }], components: { ...document.components, schemas: { ...document.components.schemas, Problem: PROBLEM } } };
}

/** By path, and components by name: the order in which controllers are found is nobody's business. */
function sorted(document) {
  const byName = (object = {}) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, paths: byName(document.paths), components: { ...document.components, schemas: byName(document.components?.schemas) } };
}
