import type { DialogView } from '../cards/approval-dialogs.ts';
import type { Actor, Person, Role } from '../services/model/access.ts';
import type { ConversationReference } from '../services/model/conversation.ts';
import type { SharedFile } from '../services/files/shared-file.ts';
import type { ServiceContext } from '../services/service-context.ts';
import type { CardData } from './card-data.ts';
import type { Claim, Mention } from './mentions.ts';

/** What every command and button gets: who acts, where, with which rights, and the services. */
export interface TurnInput {
  readonly services: ServiceContext;
  readonly environmentId: string;
  readonly actor: Actor;
  readonly roles: readonly Role[];
  /** Sign-in name (UPN) of whoever acts, in lower case, as the roster says; null: it does not say. */
  readonly account: string | null;
  readonly conversation: Omit<ConversationReference, 'revision' | 'deadReason'>;
  /** A channel that people of other organizations may read, too. */
  readonly inSharedChannel: boolean;
  /** Of whoever acts: the language that the person chose, else the client's. Cards that many read: `cardContext`. */
  readonly locale: string;
  /** IANA time zone of whoever acts; null: the client did not say. */
  readonly timeZone: string | null;
  readonly mentions: readonly Mention[];
  /** What was attached to the message. */
  readonly files: readonly SharedFile[];
  /** Who a mention is, as Teams says. @throws MailroomError `person.guest`, `person.unverified`, `person.differs` */
  readonly findPerson: (mention: Claim) => Promise<Person>;
}

/** A card with the plain sentence that stands for it in notifications. */
export interface RenderedCard {
  readonly card: object;
  readonly summary: string;
}

/** What a command answers at once. Cards that go on living (run, approval, draft, import) come through the outbox. */
export type Reply = { readonly text: string } | RenderedCard;

/**
 * What a click gets back: a card in place of the one that was clicked, a message below it (which leaves that card to
 * everybody who reads it), or a short notice. `asks`: the card is a question to whoever clicked; it has to reach them also
 * where their client cannot put it in the place of another.
 */
export type ActionAnswer =
  (RenderedCard & { readonly asks?: true }) | { readonly below: RenderedCard } | { readonly notice: string };

/** What a dialog's button gets back: a dialog, or a sentence in its place. */
export type DialogAnswer = { readonly dialog: DialogView } | { readonly message: string };

/** What opens a dialog, or does what its reader asks for there. */
export type DialogAction = (input: TurnInput, data: CardData) => Promise<DialogAnswer>;

/** What a verb does. The rooms of `handlers/` give theirs to the table of `card-actions.ts`. */
export type CardAction = (input: TurnInput, data: CardData) => Promise<ActionAnswer>;
