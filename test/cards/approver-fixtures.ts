import { approvalSetupCard } from '../../cards/approval-setup-card.ts';
import { approverSetFormCard, typedOf } from '../../cards/approver-set-form-card.ts';
import { approverSetsCard, type ApproverSetsPage } from '../../cards/approver-sets-card.ts';
import type { CardContext, CardView } from '../../cards/card-context.ts';
import { ownMailboxCard } from '../../cards/own-mailbox-card.ts';
import { settingsProposalCard } from '../../cards/settings-proposal-card.ts';
import { settingsReviewCard } from '../../cards/settings-review-card.ts';
import { approverSetLimits, type ApproverSet } from '../../services/model/approver-set.ts';
import { initialEmailSettings, type Environment } from '../../services/model/environment.ts';
import { approvalStatus } from '../../services/model/mailbox.ts';
import type { SettingsEffect } from '../../services/model/settings-effect.ts';
import type { ApprovalRequest } from '../../services/model/approval-request.ts';
import type { Mailbox } from '../../services/model/mailbox.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';
import type { EmailSettings } from '../../services/model/environment.ts';
import type { SettingsProposal } from '../../services/model/settings-proposal.ts';

/** What the cards are made of. */
export interface ApproverParts {
  readonly person: string;
  readonly profile: string;
  readonly reason: string;
  /** Many: lists as long as they get. */
  readonly many: boolean;
  readonly now: number;
  readonly mailbox: Mailbox;
  readonly request: ApprovalRequest;
  readonly emailProfile: EmailServerProfile;
  proposal(state: SettingsProposal['state'], changes: Partial<EmailSettings>): SettingsProposal;
}

const person = (index: number): string => `11111111-1111-4111-8111-${String(index).padStart(12, '0')}`;
const setId = (index: number): string => `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`;

/** Who approves, the form of a set, what a change of sets does, the own mailbox, and the shop of one person. */
export function approverCards(words: ApproverParts, context: CardContext): [string, CardView][] {
  const many = words.many ? approverSetLimits : { ...approverSetLimits, sets: 2, members: 3 };
  const people = Array.from({ length: many.members }, (_, index) => person(index));
  const profiles = Array.from({ length: words.many ? 40 : 2 }, (_, index) => ({
    ...words.emailProfile,
    id: `p${index}`,
  }));
  const sets = Array.from({ length: many.sets }, (_, index): ApproverSet => ({
    id: setId(index),
    name: words.profile.slice(0, approverSetLimits.nameCharacters),
    profileId: index === 0 ? null : `p${index}`,
    mailboxType: index % 2 === 0 ? 'queue' : null,
    members: index === 1 ? [person(900)] : people,
    secondSetId: index === 0 ? setId(1) : null,
  }));
  const names = Object.fromEntries([
    ...people.map((id) => [id, words.person] as const),
    ...profiles.map(({ id, name }) => [id, name] as const),
  ]);
  const environment: Environment = {
    environmentId: 'contoso',
    name: words.profile,
    platform: 'local',
    organizationId: null,
    settings: { ...initialEmailSettings, approverSets: sets },
    revision: 7,
  };
  const without: Environment = { ...environment, settings: initialEmailSettings };
  const page: ApproverSetsPage = { environment, names, approvers: people, channels: 2, word: 'current' };
  const form = { environment, id: setId(0), problems: {}, profiles, approvers: people, names };
  const [first] = sets;
  const effects: SettingsEffect[] = [
    { kind: 'second-person', controls: ['approverSets'], alone: false },
    ...(['added', 'changed', 'deleted'] as const).map((deed, index): SettingsEffect => ({
      kind: 'approver-set',
      name: words.profile.slice(0, approverSetLimits.nameCharacters),
      deed,
      covers: words.many ? 10_000 : index,
      keeping: index,
    })),
    { kind: 'change-hands', requests: many.sets, mailboxes: words.many ? 10_000 : 3 },
    { kind: 'self-approval-on', waiting: 2 },
    { kind: 'self-approval-off', waiting: 0 },
  ];
  const draft = {
    environmentId: 'contoso',
    id: setId(99),
    actorId: person(0),
    section: 'approvers',
    settings: environment.settings,
    baseRevision: 7,
    state: 'asked',
    createdAt: words.now,
    revision: 1,
  } as const;
  const changedSets = sets.map((set, index) => ({
    ...set,
    members: set.members.slice(1),
    secondSetId: null,
    mailboxType: index === 0 ? ('user' as const) : set.mailboxType,
  }));
  const own = { ...words.mailbox, approval: approvalStatus.pending };
  const asked = words.request;
  const decided = { decidedBy: words.person, decidedAt: words.now, decisionReason: words.reason.slice(0, 500) };
  const deciders = { count: 0, names: [] };
  const changes = {
    sets: { approverSets: sets.slice(0, 3) },
    self: { selfApproval: true },
  };
  return [
    ...(['current', 'saved', 'waiting', 'unchanged', 'stale'] as const).map((word): [string, CardView] => [
      `approver sets ${word}`,
      approverSetsCard({ ...page, word }, context),
    ]),
    ['approver sets, none', approverSetsCard({ ...page, environment: without, approvers: [], channels: 0 }, context)],
    ['approver sets, first', approverSetsCard({ ...page, environment: without }, context)],
    ['approver set form', approverSetFormCard({ ...form, id: '', typed: {} }, context)],
    [
      'approver set form, filled in',
      approverSetFormCard({ ...form, typed: first === undefined ? {} : typedOf(first) }, context),
    ],
    [
      'approver set form, wrong',
      approverSetFormCard(
        {
          ...form,
          typed: { setName: words.reason, setProfile: words.reason, setMembers: words.reason, setSecond: words.reason },
          problems: {
            setName: { code: 'approver-set.name-too-long', params: { limit: 60 } },
            setProfile: { code: 'approver-set.scope-taken', params: { name: words.profile } },
            setMembers: { code: 'approver-set.members-no-approvers', params: { count: 2 } },
            setSecond: { code: 'approver-set.second-itself', params: {} },
          },
        },
        context,
      ),
    ],
    ['approver sets review', settingsReviewCard(draft, initialEmailSettings, effects, names, context)],
    [
      'approver sets review, changed',
      settingsReviewCard(
        draft,
        { ...environment.settings, approverSets: changedSets.slice(1) },
        effects,
        names,
        context,
      ),
    ],
    ...Object.entries(changes).flatMap(([name, change]) =>
      (['waiting', 'agreed', 'refused', 'void', 'alone'] as const).map((state): [string, CardView] => [
        `proposal ${name} ${state}`,
        settingsProposalCard(words.proposal(state, { requireApprovalForQueues: true, ...change }), names, context),
      ]),
    ),
    ['own mailbox', ownMailboxCard({ mailbox: own, request: asked, mayApprove: true }, context)],
    ['own mailbox, held back', ownMailboxCard({ mailbox: own, request: asked, mayApprove: false }, context)],
    [
      'own mailbox, approved',
      ownMailboxCard(
        { mailbox: { ...own, ...decided, approval: approvalStatus.approved }, request: asked, mayApprove: true },
        context,
      ),
    ],
    [
      'own mailbox, rejected',
      ownMailboxCard(
        { mailbox: { ...own, ...decided, approval: approvalStatus.rejected }, request: asked, mayApprove: true },
        context,
      ),
    ],
    ['own mailbox, of nobody', ownMailboxCard({ mailbox: null, request: null, mayApprove: false }, context)],
    ['approval setup', approvalSetupCard({ deciders, isRequired: true, askerDecides: true }, context)],
    [
      'approval setup without an approver',
      approvalSetupCard({ deciders, isRequired: true, askerDecides: false }, context),
    ],
    [
      'approval setup, answered',
      approvalSetupCard(
        { deciders: { count: 1, names: [words.person] }, isRequired: true, askerDecides: false },
        context,
      ),
    ],
    ['approval setup, not required', approvalSetupCard({ deciders, isRequired: false, askerDecides: true }, context)],
  ];
}
