/** Whether Mailroom can do its work: the store writes, tasks are claimed and outcomes folded. */
export function isReady(store: { readonly alive: boolean }, jobs: readonly { readonly alive: boolean }[]): boolean {
  return store.alive && jobs.every(({ alive }) => alive);
}
