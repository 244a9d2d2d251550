/** Which buttons a paged list needs and what its page is; pages count from 0. */
export interface ListPage {
  readonly from: number;
  readonly to: number;
  readonly hasPrevious: boolean;
  readonly hasNext: boolean;
}

export function listPage(page: number, size: number, total: number, shown: number): ListPage {
  const before = page * size;
  return {
    from: shown === 0 ? 0 : before + 1,
    to: before + shown,
    hasPrevious: page > 0,
    hasNext: before + shown < total,
  };
}
