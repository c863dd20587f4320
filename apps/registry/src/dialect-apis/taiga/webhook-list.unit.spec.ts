import { describe, expect, it } from '@jest/globals';
import { inTaigasOrder, listPage, type ListWish } from './webhook-list.js';

const items = Array.from({ length: 65 }, (_, index) => index);
const page = (wish: Partial<ListWish> = {}) => listPage(items, { page: undefined, pageSize: undefined, isWhole: false, isLazy: false, url: 'http://h.example/api/v1/webhooks?project=3', ...wish });

describe("a page of Taiga's lists", () => {
  it('has 30 items and says how to go on', () => {
    expect(page()?.items).toEqual(items.slice(0, 30));
    expect(page()?.headers).toEqual({
      'x-paginated': 'true', 'x-paginated-by': '30', 'x-pagination-count': '65', 'x-pagination-current': '1', 'x-pagination-next': 'http://h.example/api/v1/webhooks?project=3&page=2',
    });
    expect(page({ page: '2' })?.headers).toMatchObject({ 'x-pagination-prev': 'http://h.example/api/v1/webhooks?project=3&page=1', 'x-pagination-next': 'http://h.example/api/v1/webhooks?project=3&page=3' });
    expect(page({ page: 'last' })).toMatchObject({ items: [60, 61, 62, 63, 64], headers: { 'x-pagination-current': '3' } });
    expect(page({ page: 'last' })?.headers).not.toHaveProperty('x-pagination-next');
  });

  it.each([['50', 50], ['0', 30], ['x', 30], ['1001', 65], [undefined, 30]])('with the size %s has %i items', (pageSize, count) => {
    expect(page({ pageSize })?.items).toHaveLength(count);
  });

  it('never says more than 1,000 a page', () => {
    expect(page({ pageSize: '5000' })?.headers['x-paginated-by']).toBe('1000');
  });

  it('is the whole list for who wants no pages', () => {
    expect(page({ isWhole: true })).toEqual({ items, headers: {} });
  });

  it('has no count for who asks lazily', () => {
    expect(page({ isLazy: true })?.headers).toEqual({ 'x-paginated': 'true', 'x-paginated-by': '30', 'x-pagination-current': '1', 'x-pagination-next': 'http://h.example/api/v1/webhooks?project=3&page=2' });
  });

  it.each(['0', '4', 'x', '-1'])('is none at %s', (number) => {
    expect(page({ page: number })).toBeNull();
  });

  it('has one page of nothing', () => {
    expect(listPage([], { page: '1', pageSize: undefined, isWhole: false, isLazy: false, url: 'http://h/' })).toMatchObject({ items: [], headers: { 'x-pagination-count': '0', 'x-pagination-current': '1' } });
  });

  it('is ordered by name, and of one name the newest first', () => {
    const hooks = [{ id: 1, name: 'b' }, { id: 2, name: 'a' }, { id: 3, name: 'b' }];
    expect(inTaigasOrder(hooks).map(({ id }) => id)).toEqual([2, 3, 1]);
  });
});
