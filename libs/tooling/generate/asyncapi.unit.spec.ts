import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ourFiles } from '../checks/files.js';
import { root } from '../driver/root.js';
import { document } from './asyncapi.js';

const committed = JSON.parse(readFileSync(`${root}/docs/asyncapi.json`, 'utf8')) as {
  operations: Record<string, unknown>;
  components: { messages: Record<string, { name: string; payload: { schema: string } }> };
};

const table = { name: 'things.changed', message: 'Thing', shape: 'table', key: 'Its id.', partitionedBy: null, retentionMs: null, writers: ['registry'], readers: ['fanout'] };
const proto = 'syntax = "proto3";\n\npackage a.v1;\n\n// A thing.\n// It is.\nmessage Thing {\n  // An Other comment.\n  Part part = 1;\n}\n\nmessage Other {\n  int32 number = 1;\n}\n\nmessage Part {\n  string text = 1;\n}\n';

describe('the AsyncAPI document', () => {
  it('says of a topic what it carries, where it stands and who uses it', () => {
    const made = document([table], proto, '1.0.0');
    expect(made.channels['things.changed']).toMatchObject({ address: 'things.changed', description: expect.stringContaining('A thing. It is.') as unknown, bindings: { kafka: { partitions: 1, topicConfiguration: { 'cleanup.policy': ['compact'] } } } });
    expect(Object.keys(made.operations)).toEqual(['registry.send.things.changed', 'fanout.receive.things.changed']);
    expect(made.components.messages['Thing']?.bindings).toMatchObject({ kafka: { key: { description: 'Its id.' } } });
  });

  it('carries the message and what it names, and no more', () => {
    const { schema } = document([table], proto, '1.0.0').components.messages['Thing']!.payload;
    expect(schema).toMatch(/^syntax = "proto3";\n\npackage a\.v1;\n\n\/\/ A thing/);
    expect([...schema.matchAll(/^message (\w+)/gm)].map(([, name]) => name)).toEqual(['Thing', 'Part']);
  });

  it('refuses a topic whose message the .proto file does not have', () => {
    expect(() => document([{ ...table, message: 'Think' }], proto, '1.0.0')).toThrow('no message Think');
  });

  it('names every consumer that there is', () => {
    const consumers = ourFiles((path: string) => /^apps\/[^/]+\/src\/[^/]+\.consumer\.ts$/.test(path)).map((path: string) => /^apps\/([^/]+)\/src\/(.+)\.consumer\.ts$/.exec(path)!);
    expect(consumers.length).toBeGreaterThan(8);
    const missing = consumers.map(([, service, file]) => `${service}.receive.${file!.replace('-', '.')}`).filter((operation) => !(operation in committed.operations));
    expect(missing).toEqual([]);
  });
});
