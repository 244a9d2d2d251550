/** Numbers that are the same in every run with the same seed, so that a failure can be looked at. */
export interface Random {
  /** 0 … limit - 1. */
  below(limit: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** True once in so many times. */
  once(inSoMany: number): boolean;
}

/** Case number `index` of a seed, far from the cases of its neighbours. */
export const randomOfCase = (seed: number, index: number): Random => randomFrom(seed ^ Math.imul(index, 0x9e37_79b1));

/** mulberry32: small, and good enough to spread mutations. */
export function randomFrom(seed: number): Random {
  let state = seed;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error('nothing to pick from');
      return item;
    },
    once: (inSoMany) => below(inSoMany) === 0,
  };
}
