import { v7 as uuidV7 } from 'uuid';

/** Where new identifiers come from. */
export interface IdSource {
  /** A new identifier `<prefix>_<32 hex digits>`; identifiers of one source sort by the time of their making. */
  next(prefix: string): string;
}

/** Identifiers with the time in front (RFC 9562 UUID version 7), so that they are appended to indexes rather than scattered over them. */
export const timeOrderedIds: IdSource = {
  next: (prefix) => `${prefix}_${uuidV7().replaceAll('-', '')}`,
};
