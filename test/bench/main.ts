/** `npm run bench -- NAME`: runs one benchmark; each prints one JSON line with its figures and their measure in the same run. */
const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  ews: () => import('./ews.ts'),
  chat: () => import('./chat.ts'),
  store: () => import('./store.ts'),
  approvals: () => import('./approvals.ts'),
  'due-requests': () => import('./due-requests.ts'),
  storm: () => import('./storm.ts'),
  'chat-under-load': () => import('./chat-under-load.ts'),
  soak: () => import('./soak.ts'),
  throttling: () => import('./throttling.ts'),
};

const name = process.argv[2] ?? '';
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  process.stderr.write(`bench: a name is expected, one of ${Object.keys(benches).join(', ')}\n`);
  process.exitCode = 2;
} else await bench();
