import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { root } from '../driver/root.js';
import { assertCompatible } from './protobuf-code.js';

const TOPICS = 'hooklane/topics/v1/topics.proto';
const HOOKS = 'hooklane/v1/hook_service.proto';

describe('a change of the .proto files', () => {
  let folder: string;

  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'hooklane-proto-')), 'proto');
    cpSync(join(root, 'libs/contracts/proto'), folder, { recursive: true });
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

  const change = (file: string, from: string, to: string): void => {
    const before = readFileSync(join(folder, file), 'utf8');
    expect(before).toContain(from);
    writeFileSync(join(folder, file), before.replace(from, to));
  };

  it.each([
    ['gives a field another type', TOPICS, 'int64 used_at_ms = 2;', 'string used_at_ms = 2;', 'Field "2"'],
    ['gives a field another number', TOPICS, 'int64 used_at_ms = 2;', 'int64 used_at_ms = 3;', 'Previously present field "2"'],
    ['drops a method', HOOKS, '  rpc DeleteHook(DeleteHookRequest) returns (DeleteHookResponse);', '', 'Previously present RPC "DeleteHook"'],
  ])('that %s is refused', async (_what, file, from, to, complaint) => {
    change(file, from, to);
    await expect(assertCompatible(folder)).rejects.toThrow(complaint);
  });

  it('that adds a field, or renames one, is taken', async () => {
    change(TOPICS, 'int64 used_at_ms = 2;', 'int64 at_ms = 2;\n  string address = 3;');
    await assertCompatible(folder);
  });
});
