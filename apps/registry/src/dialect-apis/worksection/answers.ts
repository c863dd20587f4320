/** What the product answers; whoever asked reads `status` of the body, for refusals come with HTTP 200 too (dialects design 5.2). */
export interface WorksectionAnswer {
  readonly status: number;
  /** What HTTP itself asks for with this status. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: WorksectionBody;
}

export type WorksectionBody =
  | { readonly status: 'ok'; readonly id?: number; readonly data?: readonly ListedWebhook[] }
  | { readonly status: 'error'; readonly status_code: number; readonly message: string; readonly message_details?: string };

/** One of `get_webhooks` (W25). */
export interface ListedWebhook {
  /** Text here, a number when it was made (W23). */
  readonly id: string;
  readonly url: string;
  /** Comma list. */
  readonly events: string;
  readonly status: 'active' | 'paused';
  /** Comma list of ids; absent: all. */
  readonly projects?: string;
}

export const ok = (more: { readonly id?: number; readonly data?: readonly ListedWebhook[] } = {}): WorksectionAnswer => ({ status: 200, body: { status: 'ok', ...more } });

function refused(statusCode: number, message: string, details?: string): WorksectionAnswer {
  return { status: 200, body: { status: 'error', status_code: statusCode, message, ...(details === undefined ? {} : { message_details: details }) } };
}

/** @param unauthorized whether the client waits for HTTP 401 */
export const badHash = (unauthorized: boolean): WorksectionAnswer => ({ ...refused(2, 'Action hash is missed or invalid'), ...(unauthorized ? unauthorizedWith('Admin') : {}) });
/** Our words: what the product says here is not public. The SDKs take the status, and refresh only where the message says "expired". */
export const badToken = (): WorksectionAnswer => ({ ...refused(2, 'Access token is missed or invalid'), ...unauthorizedWith('Bearer') });
/** Our words, as `badToken`. */
export const notAllowed = (): WorksectionAnswer => refused(403, 'Access denied', 'administrative');
export const fieldRequired = (field: string): WorksectionAnswer => refused(10, 'Field is required', field);
export const webhookNotFound = (): WorksectionAnswer => refused(10, 'WebHook not found');
export const fieldInvalid = (field: string, value: string): WorksectionAnswer => refused(11, 'Field is invalid', value === '' ? field : `${field}: ${value}`);
/** To the letter of the seed (W24): also for an address that could never answer. */
export const urlMustRespond = (url: string): WorksectionAnswer => refused(11, 'Url should respond 200 HTTP_CODE and JSON {status:OK}', url);
export const tooManyRequests = (): WorksectionAnswer => ({ ...refused(429, 'Too many requests'), status: 429, headers: { 'retry-after': '1' } });

/**
 * What is not an action's own refusal: no such route, a body that cannot be read, our own fault. The product has no numbers for these; the HTTP status is one that tells.
 * @param failure code, status and public sentence as of a problem document
 */
export function failureAnswer({ status, sentence }: { readonly status: number; readonly sentence: string }): WorksectionAnswer {
  return { ...refused(status, sentence), status };
}

function unauthorizedWith(scheme: 'Admin' | 'Bearer'): Pick<WorksectionAnswer, 'status' | 'headers'> {
  return { status: 401, headers: { 'www-authenticate': `${scheme} realm="api"` } };
}
