import type { CardView } from '../../cards/card-context.ts';
import { admin, allCards, hostile, longNames, normal } from './card-fixtures.ts';

/** How each template is tried: usual words, nothing to show, as much and as long as it gets, and text that attacks. */
export const conditions = ['normal', 'empty', 'huge', 'hostile'] as const;
export type Condition = (typeof conditions)[number];

/** The cards of `allCards` that stand for a template: one with content, and one with as little as there can be. */
interface Faces {
  readonly full: string;
  readonly empty: string;
}

/** By the template's file. A template that is missing here fails the test, and so does a face that does not exist. */
export const facesOf: Readonly<Record<string, Faces>> = {
  'alert-digest': { full: 'digest', empty: 'digest, nothing open' },
  alerts: { full: 'alerts', empty: 'alerts, none' },
  'approval-setup': { full: 'approval setup, answered', empty: 'approval setup, not required' },
  'approver-set-form': { full: 'approver set form, wrong', empty: 'approver set form' },
  'approver-sets': { full: 'approver sets current', empty: 'approver sets, none' },
  'own-mailbox': { full: 'own mailbox', empty: 'own mailbox, of nobody' },
  approval: { full: 'approval of many', empty: 'approved without test' },
  'approval-question': { full: 'question', empty: 'question, over' },
  confirm: { full: 'confirm a test', empty: 'confirm cancelled' },
  'dead-conversations': { full: 'dead conversations', empty: 'dead conversation of nobody' },
  dialog: { full: 'dialog: reject, to correct', empty: 'dialog: reject one' },
  'draft-advanced': { full: 'draft advanced, all set', empty: 'draft advanced' },
  'draft-checking': { full: 'draft check failed', empty: 'draft checking' },
  'draft-credential': { full: 'draft credential', empty: 'draft credential without link' },
  'draft-details': { full: 'draft details', empty: 'draft new' },
  'draft-end': { full: 'draft of a change saved', empty: 'draft cancelled' },
  'draft-finding': { full: 'draft server found', empty: 'draft searching' },
  'draft-modern-auth': { full: 'draft app to correct', empty: 'draft app' },
  'draft-review': { full: 'draft review, all set', empty: 'draft review, old server' },
  help: { full: 'help', empty: 'help without a role' },
  history: { full: 'history 0', empty: 'history, empty' },
  import: { full: 'import waiting', empty: 'import of an empty paste' },
  'import-sources': { full: 'import sources', empty: 'import sources without a profile' },
  incident: { full: 'incident, error', empty: 'incident resolved' },
  lookup: { full: 'look-up, which entry', empty: 'look-up cancelled' },
  mailbox: { full: 'mailbox with three faults', empty: 'mailbox not tested' },
  'mailbox-change': { full: 'bulk edit', empty: 'bulk edit, cancelled' },
  'mailbox-form': { full: 'mailbox form, wrong', empty: 'bulk form' },
  mailboxes: { full: 'mailboxes', empty: 'mailboxes, none' },
  maintenance: { full: 'maintenance running', empty: 'maintenance cancelled' },
  'maintenance-form': { full: 'maintenance form, wrong', empty: 'maintenance form' },
  owner: { full: 'owner, failing', empty: 'owner of nothing' },
  pending: { full: 'pending', empty: 'pending, none' },
  profile: { full: 'profile, switched off, all set', empty: 'profile, new' },
  profiles: { full: 'profiles', empty: 'profiles, none' },
  'role-change': { full: 'role change waiting', empty: 'role change with nobody to ask' },
  roles: { full: 'roles', empty: 'roles, one' },
  run: { full: 'run 3', empty: 'run 0' },
  runbook: { full: 'runbook', empty: 'runbook, nothing known' },
  runs: { full: 'runs', empty: 'runs, none' },
  'settings-proposal': { full: 'proposal waiting', empty: 'proposal void' },
  'settings-review': { full: 'settings review', empty: 'settings review, one' },
  settings: { full: 'settings to correct', empty: 'settings without profile' },
  subscription: { full: 'subscription', empty: 'subscription, none' },
  'subscription-form': { full: 'subscription form, wrong', empty: 'subscription form' },
  subscriptions: { full: 'subscriptions', empty: 'subscriptions, none' },
  status: { full: 'status', empty: 'status, empty' },
};

const cards: Readonly<Record<Condition, ReadonlyMap<string, CardView>>> = {
  normal: new Map(allCards(normal, admin)),
  empty: new Map(allCards(normal, admin)),
  huge: new Map(allCards(longNames, admin)),
  hostile: new Map(allCards(hostile, admin)),
};

/** The card of a template in a condition; undefined where there is none. */
export function fixtureOf(template: string, condition: Condition): CardView | undefined {
  const faces = facesOf[template];
  return faces === undefined ? undefined : cards[condition].get(condition === 'empty' ? faces.empty : faces.full);
}
