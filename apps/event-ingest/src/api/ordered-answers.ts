import { Observable, type Subscriber } from 'rxjs';

/** What can be told to stop reading for a while: a gRPC call. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Requests of one stream that are not answered yet; beyond it the stream is not read, so that a fast publisher waits rather than fills the memory. */
const UNANSWERED_MAX = 1_000;
const BATCH_MAX = 200;

/**
 * Answers the requests of a stream in their order, with many under way: those that arrived while the last batch was being submitted are the next batch.
 * @param submit resolves when what it was given stands in its place, so that the next batch stands behind it; an answer never rejects
 */
export function orderedAnswers<Request, Response>(requests: Observable<Request>, call: Pausable, submit: (batch: readonly Request[]) => Promise<readonly Promise<Response>[]>): Observable<Response> {
  return new Observable((subscriber) => {
    const stream = new OrderedStream(call, submit, subscriber);
    const subscription = requests.subscribe({
      next: (request) => stream.add(request),
      error: (error) => subscriber.error(error),
      complete: () => stream.end(),
    });
    return () => {
      subscription.unsubscribe();
      stream.cancel();
    };
  });
}

class OrderedStream<Request, Response> {
  private waiting: Request[] = [];
  private unanswered = 0;
  private isSubmitting = false;
  private isPaused = false;
  private isEnded = false;
  private isCancelled = false;
  private answers: Promise<void> = Promise.resolve();

  constructor(
    private readonly call: Pausable,
    private readonly submit: (batch: readonly Request[]) => Promise<readonly Promise<Response>[]>,
    private readonly subscriber: Subscriber<Response>,
  ) {}

  add(request: Request): void {
    this.waiting.push(request);
    this.unanswered += 1;
    if (this.unanswered >= UNANSWERED_MAX && !this.isPaused) {
      this.isPaused = true;
      this.call.pause();
    }
    if (!this.isSubmitting) void this.drain();
  }

  end(): void {
    this.isEnded = true;
    this.completeWhenDone();
  }

  /** The publisher is gone: what is not submitted yet is not accepted. */
  cancel(): void {
    this.isCancelled = true;
    this.waiting = [];
  }

  private async drain(): Promise<void> {
    this.isSubmitting = true;
    try {
      // A turn later, so that requests of one packet are one batch.
      await Promise.resolve();
      while (this.waiting.length > 0) {
        const answers = await this.submit(this.waiting.splice(0, BATCH_MAX));
        this.answers = this.answers.then(() => this.pass(answers));
      }
    } catch (error) {
      this.subscriber.error(error);
    }
    this.isSubmitting = false;
    this.completeWhenDone();
  }

  private async pass(answers: readonly Promise<Response>[]): Promise<void> {
    for (const answer of answers) {
      const response = await answer;
      this.unanswered -= 1;
      if (!this.isCancelled) this.subscriber.next(response);
    }
    if (this.isPaused && this.unanswered < UNANSWERED_MAX / 2) {
      this.isPaused = false;
      this.call.resume();
    }
    this.completeWhenDone();
  }

  private completeWhenDone(): void {
    if (this.isEnded && !this.isSubmitting && this.unanswered === 0) this.subscriber.complete();
  }
}
