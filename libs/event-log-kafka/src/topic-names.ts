/** The names of topics and groups on the brokers: ours behind a prefix, so that several platforms can share a cluster. */
export class TopicNames {
  constructor(private readonly prefix: string) {}

  physical(topic: string): string {
    return this.prefix + topic;
  }

  logical(physical: string): string {
    return physical.slice(this.prefix.length);
  }

  group(group: string): string {
    return this.prefix + group;
  }
}
