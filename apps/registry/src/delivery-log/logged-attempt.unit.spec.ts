import { describe, expect, it } from '@jest/globals';
import { DeliveryOutcome } from '@hooklane/contracts/topics';
import { loggedAttempt } from './logged-attempt.js';

const attempt = {
  attemptId: 'att_1', number: 1, startedAtMs: 1_900, connectUs: 100, firstByteUs: 900, totalUs: 1_500, outcomeClass: 'rejected', errorCode: 'status-404', errorSentence: 'It answered 404.', status: 404, requestUrl: 'https://receiver.example/hook',
  requestHeaders: [{ name: 'X-A', value: '1' }], requestBody: Buffer.from('sent'), requestBodyIsEventData: false, responseHeaders: [{ name: 'b', value: '2' }], responseBody: Buffer.from('no'), responseBodyCut: false,
};
const outcome: DeliveryOutcome = { ...DeliveryOutcome.decode(new Uint8Array()), tenantId: 'acme', hookId: 'hook_1', eventId: 'evt_1', deliveryId: 'dlv_1', eventType: 'a.b', project: 'prj_1', trigger: 'test', atMs: 2_000, attempt };

describe('an outcome in the log of attempts', () => {
  it('is shown with its number and all that was sent and answered, without the tenant', () => {
    expect(loggedAttempt(outcome, { partition: 3, offset: 2 })).toEqual({
      number: 2_052, attemptId: 'att_1', hookId: 'hook_1', eventId: 'evt_1', deliveryId: 'dlv_1', eventType: 'a.b', project: 'prj_1', trigger: 'test', startedAtMs: 1_900, totalMs: 1.5, outcomeClass: 'rejected', status: 404,
      requestUrl: 'https://receiver.example/hook', requestHeaders: [{ name: 'X-A', value: '1' }], requestBody: Buffer.from('sent'), responseHeaders: [{ name: 'b', value: '2' }], responseBody: Buffer.from('no'), errorCode: 'status-404', errorSentence: 'It answered 404.',
    });
  });

  it('has the event\'s data where that was the body', () => {
    const asEvent = { ...outcome, attempt: { ...attempt, requestBody: Buffer.alloc(0), requestBodyIsEventData: true } };
    expect(loggedAttempt(asEvent, { partition: 0, offset: 0 }, Buffer.from('data')).requestBody).toEqual(Buffer.from('data'));
    expect(loggedAttempt(asEvent, { partition: 0, offset: 0 }).requestBody).toEqual(Buffer.alloc(0));
  });

  it('says so where nothing was sent', () => {
    expect(loggedAttempt({ ...outcome, attempt: undefined }, { partition: 0, offset: 0 })).toMatchObject({ number: 1, attemptId: '', status: 0, startedAtMs: 2_000, requestBody: Buffer.alloc(0) });
  });
});
