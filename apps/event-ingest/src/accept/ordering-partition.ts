/** The order that a tenant is promised: of its events with the same ordering key, else of its whole stream. */
export function orderingPartition(tenantId: string, orderingKey: string, partitionOfKey: (key: string) => number): number {
  return partitionOfKey(orderingKey === '' ? tenantId : `${tenantId}\0${orderingKey}`);
}
