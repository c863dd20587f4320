import { describe, expect, it } from '@jest/globals';
import { maskedSummary, processConfig, readConfig } from './process-config.js';

describe('readConfig', () => {
  it('takes an empty variable for one that is not set', () => {
    expect(readConfig(processConfig, { HOOKLANE_PORT: '', HOOKLANE_GRPC_PORT: '9' })).toMatchObject({ HOOKLANE_PORT: 8080, HOOKLANE_GRPC_PORT: 9 });
  });

  it('splits lists', () => {
    expect(readConfig(processConfig, { HOOKLANE_ALLOWED_TARGETS: '10.0.0.0/8, *.svc ,' }).HOOKLANE_ALLOWED_TARGETS).toEqual(['10.0.0.0/8', '*.svc']);
  });

  it('names every field that is wrong and shows no value', () => {
    const read = (): unknown => readConfig(processConfig, { HOOKLANE_PORT: '99999', HOOKLANE_LOG_LEVEL: 'hunter2' });
    expect(read).toThrow(/HOOKLANE_PORT: .*; HOOKLANE_LOG_LEVEL: /);
    expect(read).not.toThrow(/hunter2/);
  });
});

describe('maskedSummary', () => {
  it('tells that a secret is set, and not what it is', () => {
    expect(maskedSummary({ DATABASE_URL: 'postgres://joe:pw@db/x', HOOKLANE_MASTER_KEY: 'k', HOOKLANE_PORT: 1, KAFKA_SASL_PASSWORD: undefined })).toEqual({ DATABASE_URL: '(set)', HOOKLANE_MASTER_KEY: '(set)', HOOKLANE_PORT: 1 });
  });
});
