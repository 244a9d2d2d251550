const cells = 20;

/** A bar of characters: it reads the same in every client. Cards are of any width, so its ends are drawn: a full one looks full. A started run shows at least one cell, an unfinished one a gap. */
export function progressBar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(done / total, 1);
  const exact = Math.round(share * cells);
  const filled = share > 0 && share < 1 ? Math.min(Math.max(exact, 1), cells - 1) : exact;
  return `[${'█'.repeat(filled)}${'░'.repeat(cells - filled)}]`;
}

/** Whole per cent; 100 only when everything is done. */
export function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.min(Math.floor((done / total) * 100), 100);
}
