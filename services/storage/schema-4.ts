import type { AllRecords } from './migrations.ts';

/*
 * Schema 4: approver sets and self-approval are email settings, a request for approval knows its set, and a subscription has
 * quiet hours and a nature. What is already there keeps its value; the values are written out here and not taken from the
 * model, which goes on changing.
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
    approvalRequest: (value) => ({ approverSetId: null, ...value }),
    subscription: (value) => ({ nature: null, quietHours: null, ...value }),
  };
  return new Map(
    [...records].map(([collection, table]) => {
      const change = changes[collection];
      if (change === undefined) return [collection, table];
      return [collection, new Map([...table].map(([key, value]) => [key, change(value as Fields)]))];
    }),
  );
}

/** Nobody gains a right by an update: every approver decides about everything, and nobody about an own mailbox. */
const withNewSettings = (settings: unknown): Fields => ({
  approverSets: [],
  selfApproval: false,
  ...(settings as Fields),
});
