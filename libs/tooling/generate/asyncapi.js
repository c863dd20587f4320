import { existsSync, readFileSync } from 'node:fs';
import { root } from '../driver/root.js';

const SPECS = 'libs/contracts/dist/topics/topic-specs.js';
const PROTO = 'libs/contracts/proto/hooklane/topics/v1/topics.proto';

/** AsyncAPI 3.0 of the topics: from the list of them, and from the .proto file that says what they carry. */
export const asyncapi = {
  name: 'AsyncAPI document',
  owns: [],
  async make() {
    if (!existsSync(`${root}/${SPECS}`)) return new Map();
    const { topicSpecs } = await import(`${root}/${SPECS}`);
    const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
    return new Map([['docs/asyncapi.json', `${JSON.stringify(document(topicSpecs, readFileSync(`${root}/${PROTO}`, 'utf8'), version), null, 2)}\n`]]);
  },
};

/**
 * @param {readonly object[]} topics as of `topicSpecs`
 * @param {string} proto the text of the .proto file that has their messages
 * @param {string} version of the platform
 */
export function document(topics, proto, version) {
  const messages = messagesOf(proto);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Hooklane topics',
      version,
      description: 'What the services of Hooklane tell each other. Topics stand behind the prefix that KAFKA_TOPIC_PREFIX names. They are an inner face: a field keeps its number and type for ever, but only the services write here.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: CONTENT_TYPE,
    channels: Object.fromEntries(topics.map((topic) => [topic.name, channel(topic, messages)])),
    operations: Object.fromEntries(topics.flatMap(operations)),
    components: { messages: Object.fromEntries(topics.map((topic) => [topic.message, message(topic, proto, messages)])) },
  };
}

const CONTENT_TYPE = 'application/protobuf';
const KAFKA_BINDING = '0.5.0';

function channel({ name, message, shape, key, partitionedBy, retentionMs }, messages) {
  const place = shape === 'table' ? `A table of one partition: compaction keeps the newest record of each key. Key: ${key}` : `A stream, kept for ${retentionMs / 3_600_000} hours; records have no key. Partitioned by: ${partitionedBy}`;
  return {
    address: name,
    description: `${messageNamed(messages, message).comment}\n\n${place}`,
    messages: { [message]: { $ref: `#/components/messages/${message}` } },
    bindings: {
      kafka: {
        ...(shape === 'table' ? { partitions: 1 } : {}),
        topicConfiguration: shape === 'table' ? { 'cleanup.policy': ['compact'] } : { 'cleanup.policy': ['delete'], 'retention.ms': retentionMs },
        bindingVersion: KAFKA_BINDING,
      },
    },
  };
}

/** One for each service and what it does there: the document is of all of them. */
function operations({ name, message, writers, readers }) {
  const operation = (service, action) => [
    `${service}.${action}.${name}`,
    { action, channel: { $ref: `#/channels/${name}` }, messages: [{ $ref: `#/channels/${name}/messages/${message}` }], tags: [{ name: service }] },
  ];
  return [...writers.map((service) => operation(service, 'send')), ...readers.map((service) => operation(service, 'receive'))];
}

function message({ message: name, key, name: topic }, proto, messages) {
  const headers = HEADERS[topic];
  return {
    name: `${packageOf(proto)}.${name}`,
    contentType: CONTENT_TYPE,
    ...(headers === undefined ? {} : { headers: { type: 'object', properties: headers } }),
    payload: { schemaFormat: 'application/vnd.google.protobuf;version=3', schema: schema(name, proto, messages) },
    ...(key === null ? {} : { bindings: { kafka: { key: { type: 'string', description: key }, bindingVersion: KAFKA_BINDING } } }),
  };
}

const TRACEPARENT = { traceparent: { type: 'string', description: 'W3C trace context of the publisher, where it sent one.' } };
const HEADERS = {
  'events.accepted': TRACEPARENT,
  'deliveries.requested': { ...TRACEPARENT, attachment: { type: 'string', contentEncoding: 'binary', description: 'The EventAccepted that a request delivers, as bytes.' } },
  'delivery.outcomes': { ...TRACEPARENT, 'lane-after': { type: 'string', contentMediaType: 'application/json', description: "Only where the owner had let go of the partition before its request ended: the state of the lane after it, with which the next owner goes on." } },
};

const packageOf = (proto) => /^package (.+);$/m.exec(proto)[1];

/** Messages of a .proto file with the comment above each; none is written within another. */
function messagesOf(proto) {
  const found = [...proto.matchAll(/((?:^\/\/ .*\n)*)^message (\w+) \{\n[^]*?^\}\n?/gm)];
  return new Map(found.map(([text, comment, name]) => [name, { text: text.trimEnd(), comment: comment.replace(/^\/\/ /gm, '').trim().replaceAll('\n', ' ') }]));
}

function messageNamed(messages, name) {
  const message = messages.get(name);
  if (message === undefined) throw new Error(`${PROTO} has no message ${name}, which a topic carries.`);
  return message;
}

/** A .proto file with the message first, and then all that it names. */
function schema(name, proto, messages) {
  const needed = new Set([name]);
  for (const one of needed) for (const [word] of messageNamed(messages, one).text.replace(/\/\/.*/g, '').matchAll(/\b[A-Z]\w*/g)) if (messages.has(word)) needed.add(word);
  return `syntax = "proto3";\n\npackage ${packageOf(proto)};\n\n${[...needed].map((one) => messages.get(one).text).join('\n\n')}\n`;
}
