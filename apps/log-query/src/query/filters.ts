import type { AttemptListQuery, DeliveryListQuery, EventListQuery, InboundCallListQuery, UndeliveredListQuery } from '@hooklane/contracts/rest';

type Paging = 'cursor' | 'limit' | 'from' | 'to';
export type EventFilter = Omit<EventListQuery, Paging>;
export type DeliveryFilter = Omit<DeliveryListQuery, Paging>;
export type UndeliveredFilter = Omit<UndeliveredListQuery, Paging>;
export type AttemptFilter = Omit<AttemptListQuery, Paging>;
export type InboundCallFilter = Omit<InboundCallListQuery, Paging>;

/** @returns the statuses of a class such as `4xx`; `none` is 0, for what was never answered */
export function statusRange(statusClass: string): { readonly from: number; readonly below: number } {
  if (statusClass === 'none') return { from: 0, below: 1 };
  const hundreds = Number(statusClass[0]) * 100;
  return { from: hundreds, below: hundreds + 100 };
}

/** @param attribute `key=value` */
export function attributePair(attribute: string): { readonly key: string; readonly value: string } {
  const at = attribute.indexOf('=');
  return { key: attribute.slice(0, at), value: attribute.slice(at + 1) };
}
