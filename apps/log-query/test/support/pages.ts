import type { Answered } from '@hooklane/service-host/testing';

/** Every page of a list, as its items. @param get of a path */
export async function allPages<Item = { id: string }>(get: (path: string) => Promise<Answered>, path: string, limit: number, between: () => Promise<void> = () => Promise.resolve()): Promise<Item[][]> {
  const pages: Item[][] = [];
  const join = path.includes('?') ? '&' : '?';
  let cursor = '';
  for (;;) {
    const { body } = await get(`${path}${join}limit=${limit}${cursor}`);
    pages.push(body.items as Item[]);
    if (body.next === null) return pages;
    cursor = `&cursor=${body.next}`;
    await between();
  }
}
