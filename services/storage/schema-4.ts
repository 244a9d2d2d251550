import type { AllRecords } from './migrations.ts';

/*
 * Schema 4: approver sets and self-approval are email settings, a request for approval knows its set, and a subscription has
 * quiet hours, a nature and a time for its digest, which tells of finished runs in place of a card of each. What is already
 * there keeps its value; the values are written out here and not taken from the model, which goes on changing.
 */

type Fields = Readonly<Record<string, unknown>>;

/** Records of schema 3 as records of schema 4. */
export function toSchema4(records: AllRecords): AllRecords {
  const changes: Readonly<Record<string, (value: Fields) => Fields>> = {
    environment: (value) => ({ ...value, settings: withNewSettings(value['settings']) }),
    settingsDraft: (value) => ({ ...value, settings: withNewSettings(value['settings']) }),
    settingsProposal: (value) => ({
      ...value,
      settings: withNewSettings(value['settings']),
      before: withNewSettings(value['before']),
    }),
    conversation: (value) => ({ deadSince: null, deathNotice: null, ...value }),
    mailbox: withOneSpelling,
    approvalRequest: (value) => ({ approverSetId: null, ...value }),
    subscription: (value) => ({ nature: null, quietHours: null, digest: null, ...value }),
    // How wide it was before is not known.
    incident: (value) => ({ peak: value['open'], ending: null, ...value }),
  };
  return new Map(
    [...records].map(([collection, table]) => {
      if (collection === 'intent') return [collection, withoutRunSummaries(table)];
      const change = changes[collection];
      if (change === undefined) return [collection, table];
      return [collection, new Map([...table].map(([key, value]) => [key, change(value as Fields)]))];
    }),
  );
}

/** Nothing shows them any more; their runs ended, and are listed by `runs`. */
const withoutRunSummaries = (intents: ReadonlyMap<string, object>): ReadonlyMap<string, object> =>
  new Map([...intents].filter(([, value]) => (value as Fields)['kind'] !== 'run-summary'));

/** An owner who is given as an address is looked up by it from now on. */
function withOneSpelling(value: Fields): Fields {
  const { owner } = value;
  return typeof owner === 'string' && /^\S+@\S+$/.test(owner) ? { ...value, owner: owner.toLowerCase() } : value;
}

/** Nobody gains a right by an update: every approver decides about everything, and nobody about an own mailbox. */
const withNewSettings = (settings: unknown): Fields => ({
  approverSets: [],
  selfApproval: false,
  ...(settings as Fields),
});
