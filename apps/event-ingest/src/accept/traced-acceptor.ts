import { AppError } from '@hooklane/kernel';
import type { Traces, TraceSpan } from '@hooklane/telemetry';
import type { EventAcceptor, Submission } from './event-acceptor.js';
import type { Acceptance } from './turn.js';

type Acceptor = Pick<EventAcceptor, 'catchUp' | 'submit'>;

/** A span for each event of a sampled trace, from its check to its place in the log; what follows in the log is its child. */
export class TracedAcceptor implements Acceptor {
  constructor(
    private readonly acceptor: Acceptor,
    private readonly traces: Traces,
  ) {}

  catchUp(): Promise<void> {
    return this.acceptor.catchUp();
  }

  /** As EventAcceptor's. */
  async submit(tenantId: string, submissions: readonly Submission[]): Promise<readonly Promise<Acceptance>[]> {
    const spans = submissions.map((submission) => this.begin(tenantId, submission));
    if (spans.every((span) => span === null)) return this.acceptor.submit(tenantId, submissions);
    try {
      const acceptances = await this.acceptor.submit(tenantId, submissions.map((submission, index) => under(submission, spans[index])));
      return acceptances.map((acceptance, index) => acceptance.then((answer) => ended(answer, spans[index])));
    } catch (error) {
      for (const span of spans) span?.end({}, error instanceof AppError ? error.code : 'internal');
      throw error;
    }
  }

  private begin(tenantId: string, submission: Submission): TraceSpan | null {
    if (submission instanceof AppError) return null;
    const { traceparent, type } = submission.event;
    return this.traces.begin('publish', traceparent, { kind: 'server', attributes: { 'hooklane.tenant.id': tenantId, 'hooklane.event.type': type } });
  }
}

function under(submission: Submission, span: TraceSpan | null | undefined): Submission {
  if (!span || submission instanceof AppError) return submission;
  return { ...submission, event: { ...submission.event, traceparent: span.traceparent } };
}

function ended(answer: Acceptance, span: TraceSpan | null | undefined): Acceptance {
  if (answer.ok) span?.end({ 'hooklane.event.id': answer.id, 'hooklane.event.repeated': answer.repeated });
  else span?.end({}, answer.error.code);
  return answer;
}
