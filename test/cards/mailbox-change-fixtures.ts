import type { CardContext, CardView } from '../../cards/card-context.ts';
import { mailboxChangeCard } from '../../cards/mailbox-change-card.ts';
import { mailboxEditCard } from '../../cards/mailbox-edit-card.ts';
import { undoCard } from '../../cards/undo-card.ts';
import { noEffect, type ChangeKind, type MailboxChange, type UndoStep } from '../../services/model/mailbox-change.ts';
import { directions, type Mailbox } from '../../services/model/mailbox.ts';
import type { EmailServerProfile } from '../../services/model/profile.ts';

/** What these cards show, with the words of a temper. */
export interface ChangeWords {
  readonly mailbox: Mailbox;
  readonly profiles: readonly EmailServerProfile[];
  readonly addresses: readonly string[];
  readonly filter: string;
  readonly now: number;
}

const kinds: readonly ChangeKind[] = ['edit', 'apply-defaults', 'activate', 'deactivate'];

function change(kind: ChangeKind, words: ChangeWords, changes: Partial<MailboxChange> = {}): MailboxChange {
  const methods = { incomingMethod: 2, outgoingMethod: 2, actMethod: 1 } as const;
  return {
    environmentId: 'contoso',
    id: '9a1b2c3d-0000-4c0a-9a7e-c0470500a001',
    actorId: 'ada',
    kind,
    filter: words.filter,
    items: [],
    seen: [],
    edit: kind === 'edit' || kind === 'apply-defaults' ? { profileId: words.profiles[0]?.id ?? null, ...methods } : {},
    effect: {
      matching: 10_000,
      changing: 9988,
      stopping: 9700,
      testing: 3,
      queues: 120,
      unapproved: 14,
      withdrawn: kind === 'deactivate' ? 14 : 0,
      sample: words.addresses,
    },
    state: 'waiting',
    result: null,
    createdAt: words.now,
    revision: 2,
    ...changes,
  };
}

const result = {
  changed: 9985,
  unchanged: 12,
  changedSince: 2,
  gone: 1,
  stopped: 9700,
  asked: 3,
  withdrawn: 0,
  runId: null,
  tested: 0,
};

/** Every state of the forms, questions and results of changed mailboxes. */
export function changeCards(words: ChangeWords, context: CardContext): [string, CardView][] {
  const { mailbox, profiles, addresses } = words;
  const many = Array.from({ length: 60 }, (_, index) => ({ ...profiles[0], id: `p${index}` }) as EmailServerProfile);
  const step: UndoStep = {
    environmentId: 'contoso',
    id: '9a1b2c3d-0000-4c0a-9a7e-c0470500a001',
    actorId: 'ada',
    kind: 'edit',
    filter: words.filter,
    doneAt: words.now,
    was: [],
    became: [],
    items: [],
    runId: 'K7Q2',
    state: 'open',
    result: null,
    revision: 1,
  };
  const details = { profiles, errors: {} };
  const wrong = {
    profileId: 'mailbox.profile-unknown',
    owner: 'mailbox.owner-too-long',
    address: 'mailbox.address-taken',
  };
  const typed = { owner: words.filter.repeat(10), profileId: 'gone', newAddress: words.filter };
  const saved = { voided: directions, stopped: directions, asked: true };
  return [
    ['mailbox form', mailboxEditCard(mailbox, details, context)],
    ['mailbox form, 60 profiles', mailboxEditCard(mailbox, { profiles: many, errors: {} }, context)],
    ['mailbox form, wrong', mailboxEditCard(mailbox, { profiles, errors: wrong, typed }, context)],
    ['mailbox form, of before', mailboxEditCard(mailbox, { ...details, stale: true }, context)],
    ['mailbox form of a queue', mailboxEditCard({ ...mailbox, type: 'queue', actMethod: 2 }, details, context)],
    ['mailbox form, saved', mailboxEditCard({ ...mailbox, approval: 2 }, { ...details, saved }, context)],
    [
      'mailbox form, saved, to be tested',
      mailboxEditCard(
        { ...mailbox, approval: 1, profileId: 'p1', act: { status: 0, enabled: false, fault: null } },
        { ...details, saved: { voided: ['act'], stopped: [], asked: false } },
        context,
      ),
    ],
    ['mailbox form, nothing different', mailboxEditCard(mailbox, { ...details, saved: null }, context)],
    [
      'bulk form',
      mailboxChangeCard(
        change('edit', words, { state: 'form', effect: { ...noEffect, matching: 10_000 } }),
        { profiles: many, errors: {} },
        context,
      ),
    ],
    [
      'bulk form, wrong',
      mailboxChangeCard(
        change('edit', words, { state: 'form' }),
        { ...details, errors: { form: 'mailbox.nothing-chosen', actMethod: 'mailbox.method-unknown' } },
        context,
      ),
    ],
    ...kinds.flatMap((kind): [string, CardView][] => [
      [`bulk ${kind}`, mailboxChangeCard(change(kind, words), details, context)],
      [
        `bulk ${kind}, done in part`,
        mailboxChangeCard(
          change(kind, words, { state: 'done', result: { ...result, left: addresses } }),
          details,
          context,
        ),
      ],
      [
        `bulk ${kind}, nothing changed`,
        mailboxChangeCard(
          change(kind, words, {
            state: 'done',
            result: { ...result, changed: 0, changedSince: 0, gone: 0, asked: 0, stopped: 0, left: [] },
          }),
          details,
          context,
        ),
      ],
      [`bulk ${kind}, cancelled`, mailboxChangeCard(change(kind, words, { state: 'cancelled' }), details, context)],
    ]),
    [
      'bulk apply-defaults, tested',
      mailboxChangeCard(
        change('apply-defaults', words, {
          state: 'done',
          result: { ...result, changedSince: 0, gone: 0, left: [], runId: 'K7Q2', tested: 9985 },
        }),
        details,
        context,
      ),
    ],
    ['undo', undoCard(step, { restorable: 9985, left: 12, sample: addresses }, context)],
    [
      'undo of nothing',
      undoCard({ ...step, runId: null }, { restorable: 0, left: 1, sample: addresses.slice(0, 1) }, context),
    ],
    [
      'undone',
      undoCard(
        { ...step, state: 'done', result: { restored: 9985, left: 0, sample: [], working: 9700 } },
        null,
        context,
      ),
    ],
  ];
}
