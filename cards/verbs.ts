import type { Right } from '../services/model/access.ts';

/** Every verb that a button of a card can carry: `noun.action`. The bot has a handler for each. */
export const verbs = [
  'command.run',
  'profile.answer',
  'profile.cancel',
  'profile.new-link',
  'profile.back',
  'profile.confirm-code',
  'profile.check',
  'profile.save',
  'profile.show',
  'profile.edit',
  'profile.test',
  'import.confirm',
  'import.cancel',
  'mailboxes.filter',
  'mailboxes.previous',
  'mailboxes.next',
  'mailbox.show',
  'mailbox.test',
  'mailbox.approve',
  'settings.save',
  'proposal.agree',
  'proposal.refuse',
  'bulk.confirm',
  'bulk.cancel',
  'approval.show',
  'approval.previous',
  'approval.next',
  'approval.approve-all',
  'approval.approve-selected',
  'approval.reject-all',
  'approval.reject-selected',
  'run.show',
  'run.cancel',
  'run.retest-failed',
  'run.failures',
  'incident.show',
  'incident.retest',
  'incident.mailboxes',
] as const;

export type Verb = (typeof verbs)[number];

/** The right that a verb asks for, where it is more than reading. What a card leaves out is only a kindness: the server checks. */
const rights: Readonly<Partial<Record<Verb, Right>>> = {
  'profile.answer': 'manage',
  'profile.cancel': 'manage',
  'profile.new-link': 'manage',
  'profile.back': 'manage',
  'profile.confirm-code': 'manage',
  'profile.check': 'manage',
  'profile.save': 'manage',
  'profile.edit': 'manage',
  'profile.test': 'test',
  'import.confirm': 'manage',
  'import.cancel': 'manage',
  'mailbox.test': 'test',
  'mailbox.approve': 'decide',
  'settings.save': 'manage',
  'approval.approve-all': 'decide',
  'approval.approve-selected': 'decide',
  'approval.reject-all': 'decide',
  'approval.reject-selected': 'decide',
  'run.cancel': 'test',
  'run.retest-failed': 'test',
  'incident.retest': 'test',
};

export function rightOf(verb: Verb): Right {
  return rights[verb] ?? 'read';
}

export function isVerb(text: string): text is Verb {
  return (verbs as readonly string[]).includes(text);
}
