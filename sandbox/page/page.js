import { prepareCards } from './cards.js';
import { Column } from './column.js';
import { drawHeader } from './header.js';

/** Who is seen where at first. Each column's select can change the person. */
const PLANS = [
  { person: 'ada' },
  { person: 'ben' },
  { channel: 'Mailroom approvals', viewer: 'ben' },
  { channel: 'Mailroom alerts', viewer: 'ada' },
];

const RETRY_MS = 1000;

prepareCards();
const columns = PLANS.map((plan) => new Column(plan));
document.querySelector('#columns').append(...columns.map((column) => column.node));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const column of columns) column.redraw();
});

const page = await fetch('/api/page').then((response) => response.json());
drawHeader(document.querySelector('#header'), page);
for (const column of columns) column.about = page.about;
await follow();

/** Long-polls the state for as long as the page is open. */
async function follow() {
  let since;
  for (;;) {
    const snapshot = await fetchState(since);
    document.body.classList.toggle('offline', snapshot === undefined);
    if (snapshot === undefined) {
      since = undefined;
      await new Promise((resolve) => {
        setTimeout(resolve, RETRY_MS);
      });
    } else if (snapshot.version !== since) {
      since = snapshot.version;
      for (const column of columns) column.update(snapshot);
      document.body.dataset.version = String(since);
    }
  }
}

/** Undefined when the sandbox does not answer. */
async function fetchState(since) {
  try {
    const response = await fetch(since === undefined ? '/api/state' : `/api/state?since=${since}`);
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}
