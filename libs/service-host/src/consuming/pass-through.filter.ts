import { Catch, type ExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';

/** Nest's own filter logs what a message handler throws and replaces it by "Internal server error"; the ConsumerRunner needs the error itself. */
@Catch()
export class PassThroughFilter implements ExceptionFilter {
  catch(thrown: unknown): Observable<never> {
    return throwError(() => thrown);
  }
}
