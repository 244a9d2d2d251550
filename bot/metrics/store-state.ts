import type { AlertLevel } from '../../services/model/alert.ts';
import { approvalStatus, testStatus } from '../../services/model/mailbox.ts';
import type { RunState } from '../../services/model/run.ts';
import type { Collection, Query, Records, Store } from '../../services/storage/store.ts';

/** What the store holds, in figures. */
export interface StoreState {
  readonly runs: Readonly<Record<RunState, number>>;
  readonly mailboxes: Readonly<Record<keyof typeof testStatus, number>>;
  readonly approvals: Readonly<Record<keyof typeof approvalStatus, number>>;
  /** The open ones. */
  readonly incidents: Readonly<Record<AlertLevel, number>>;
  readonly tasks: Readonly<Record<'due' | 'claimed' | 'later' | 'waiting', number>>;
  readonly intents: number;
  /** 0 when none waits. */
  readonly oldestIntentMs: number;
  readonly records: Readonly<Record<Collection, number>>;
}

/** Beyond this many waiting intents the age is that of the oldest among so many: late enough to be seen. */
const mostIntents = 5000;

/** Counts, nothing else: asked at a scrape, so that nobody pays for figures that nobody looks at. */
export async function readStoreState(store: Store, now: number): Promise<StoreState> {
  const count = <C extends Collection>(collection: C, where: Query<Records[C]>['where'] = {}): Promise<number> =>
    store.count(collection, { where });
  const [runs, mailboxes, approvals, incidents, ready, due, claimed, waiting, intents, records] = await Promise.all([
    each({ running: 'running', paused: 'paused', completed: 'completed', cancelled: 'cancelled' }, (state) =>
      count('run', { state }),
    ),
    each(testStatus, (status) => count('mailbox', { status })),
    each(approvalStatus, (approval) => count('mailbox', { approval })),
    each({ information: 'information', warning: 'warning', error: 'error' }, (level) =>
      count('incident', { state: 'open', level }),
    ),
    count('task', { state: 'ready' }),
    store.count('task', { where: { state: 'ready' }, atMost: { dueAt: now } }),
    count('task', { state: 'claimed' }),
    count('task', { state: 'waiting' }),
    store.query('intent', { limit: mostIntents }),
    each(collections, (collection) => count(collection)),
  ]);
  const oldest = intents.reduce((earliest, { value }) => Math.min(earliest, value.createdAt), now);
  return {
    runs,
    mailboxes,
    approvals,
    incidents,
    tasks: { due, claimed, later: ready - due, waiting },
    intents: records.intent,
    oldestIntentMs: now - oldest,
    records,
  };
}

async function each<Name extends string, Value>(
  names: Readonly<Record<Name, Value>>,
  figure: (value: Value) => Promise<number>,
): Promise<Record<Name, number>> {
  const figures = Object.entries<Value>(names).map(async ([name, value]) => [name, await figure(value)] as const);
  return Object.fromEntries(await Promise.all(figures)) as Record<Name, number>;
}

/** Every collection; the type says when one is forgotten. */
const collections: { readonly [C in Collection]: C } = {
  environment: 'environment',
  role: 'role',
  preference: 'preference',
  person: 'person',
  profile: 'profile',
  draft: 'draft',
  secretRequest: 'secretRequest',
  credential: 'credential',
  mailbox: 'mailbox',
  approvalRequest: 'approvalRequest',
  importBatch: 'importBatch',
  directoryLookup: 'directoryLookup',
  bulkAction: 'bulkAction',
  mailboxChange: 'mailboxChange',
  undoStep: 'undoStep',
  listView: 'listView',
  mailboxView: 'mailboxView',
  mailboxSelection: 'mailboxSelection',
  settingsDraft: 'settingsDraft',
  settingsProposal: 'settingsProposal',
  roleChange: 'roleChange',
  run: 'run',
  task: 'task',
  outcome: 'outcome',
  poll: 'poll',
  outage: 'outage',
  maintenance: 'maintenance',
  alert: 'alert',
  incident: 'incident',
  runbookNote: 'runbookNote',
  alertEvent: 'alertEvent',
  alertDigest: 'alertDigest',
  shownCause: 'shownCause',
  ownerAlert: 'ownerAlert',
  ownerNotice: 'ownerNotice',
  ownerReview: 'ownerReview',
  ownerReach: 'ownerReach',
  fileLink: 'fileLink',
  conversation: 'conversation',
  subscription: 'subscription',
  weeklyStatus: 'weeklyStatus',
  intent: 'intent',
  message: 'message',
  recentSends: 'recentSends',
  turnState: 'turnState',
};
