/** One number of Backlog's recent updates, under the name by which events are published here. */
export interface ActivityType {
  readonly number: number;
  readonly type: string;
  readonly title: string;
  readonly group: string;
}

const row = (number: number, type: string, title: string): ActivityType => ({ number, type, title, group: type.slice(0, type.indexOf('.')) });

/** Every number that Backlog's own clients know (B8); 27 to 33 and 39 are not given. */
export const activityTypes: readonly ActivityType[] = [
  row(1, 'issue.created', 'Issue added'),
  row(2, 'issue.updated', 'Issue updated'),
  row(3, 'issue.commented', 'Comment added'),
  row(4, 'issue.deleted', 'Issue deleted'),
  row(5, 'wiki.created', 'Wiki page added'),
  row(6, 'wiki.updated', 'Wiki page updated'),
  row(7, 'wiki.deleted', 'Wiki page deleted'),
  row(8, 'file.added', 'File added'),
  row(9, 'file.updated', 'File updated'),
  row(10, 'file.deleted', 'File deleted'),
  row(11, 'svn.committed', 'Subversion commit'),
  row(12, 'git.pushed', 'Git push'),
  row(13, 'git.repository-created', 'Git repository created'),
  row(14, 'issue.multi-updated', 'Several issues updated'),
  row(15, 'project.user-added', 'Person joined the project'),
  row(16, 'project.user-removed', 'Person left the project'),
  row(17, 'issue.notified', 'People notified of an issue'),
  row(18, 'pull-request.added', 'Pull request added'),
  row(19, 'pull-request.updated', 'Pull request updated'),
  row(20, 'pull-request.commented', 'Comment on a pull request'),
  row(21, 'pull-request.merged', 'Pull request merged'),
  row(22, 'milestone.created', 'Milestone added'),
  row(23, 'milestone.updated', 'Milestone updated'),
  row(24, 'milestone.deleted', 'Milestone deleted'),
  row(25, 'project.group-added', 'Team joined the project'),
  row(26, 'project.group-deleted', 'Team left the project'),
  row(34, 'status.deleted', 'Status deleted'),
  row(35, 'issue.dates-updated', 'Dates of several issues updated'),
  row(36, 'document.created', 'Document added'),
  row(37, 'document.deleted', 'Document deleted'),
  row(38, 'document.title-updated', 'Title of a document changed'),
  row(40, 'document.comment-created', 'Comment on a document'),
  row(41, 'document.comment-updated', 'Comment on a document changed'),
  row(42, 'document.comment-deleted', 'Comment on a document deleted'),
  row(43, 'document.comment-reply-created', 'Reply to a comment on a document'),
  row(44, 'document.comment-reply-updated', 'Reply to a comment on a document changed'),
  row(45, 'document.comment-reply-deleted', 'Reply to a comment on a document deleted'),
  row(46, 'document.attachment-created', 'File attached to a document'),
  row(47, 'issue.multi-created', 'Several issues added'),
  row(48, 'document.multi-created', 'Several documents added'),
];

const byType: ReadonlyMap<string, ActivityType> = new Map(activityTypes.map((activity) => [activity.type, activity]));
const byNumber: ReadonlyMap<number, ActivityType> = new Map(activityTypes.map((activity) => [activity.number, activity]));

/** Receivers read the number into an int of 32 bits. */
const NUMBER_MAX = 2 ** 31 - 1;

/** The number of an event type: of a name of the catalogue, or written as a number itself, known or not (Backlog adds new ones). Null for any other text. */
export function activityNumberOf(eventType: string): number | null {
  const named = byType.get(eventType);
  if (named) return named.number;
  const number = /^[1-9]\d{0,9}$/.test(eventType) ? Number(eventType) : NaN;
  return number <= NUMBER_MAX ? number : null;
}

/** The event type of a number: its name, or the number itself where it has none. */
export function eventTypeOfActivity(number: number): string {
  return byNumber.get(number)?.type ?? String(number);
}
