/** Whether Mailroom can do its work: the store writes, tasks are claimed, outcomes folded and enabled mailboxes checked. */
export function isReady(store: { readonly alive: boolean }, jobs: readonly { readonly alive: boolean }[]): boolean {
  return store.alive && jobs.every(({ alive }) => alive);
}
