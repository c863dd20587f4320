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
  describeRawBodies([...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()].map(({ metatype }) => metatype)));
  const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const info = new DocumentBuilder().setOpenAPIVersion('3.1.0').setTitle('Hooklane').setDescription('Publish an event once; every subscribed hook gets it in order, signed, retried, logged and visible. Problems are RFC 9457 documents.').setVersion(version).addBearerAuth().build();
  return sorted(named(SwaggerModule.createDocument(app, info)));
}

/**
 * Handlers that take the untouched bytes name their schema with `@ApiBody`, which knows JSON Schema only: what it would print of a zod schema are
 * its insides. So it is given the JSON Schema here.
 */
function describeRawBodies(controllers) {
  const key = 'swagger/apiParameters';
  for (const { prototype } of controllers) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const parameters = typeof prototype[name] === 'function' && Reflect.getMetadata(key, prototype[name]);
      if (!parameters) continue;
      const described = parameters.map((parameter) => (parameter.schema?._zod === undefined ? parameter : { ...parameter, schema: jsonSchema(parameter.schema) }));
      Reflect.defineMetadata(key, described, prototype[name]);
    }
  }
}

function jsonSchema(schema) {
  const { $schema, ...rest } = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
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

/** By path, and components by name: the order in which controllers are found is nobody's business. */
function sorted(document) {
  const byName = (object = {}) => Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...document, paths: byName(document.paths), components: { ...document.components, schemas: byName(document.components?.schemas) } };
}
