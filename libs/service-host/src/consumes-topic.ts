// The types belong to the log port; services import them, with the method decorators, from here.
export type { CommitWish, DeadLetter, HandlerResult, TopicConsumer } from '@hooklane/event-log';
