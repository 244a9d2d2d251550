import { Dialog, type DialogContext, type DialogTurnResult } from 'botbuilder-dialogs';
import { translate } from '../locales/translate.ts';
import type { ProfileDraft } from '../services/model/draft.ts';
import { isMailroomError } from '../services/model/error.ts';
import { intentChange } from '../services/conversations/intents.ts';
import { answerDraft, loadOwnDraft } from '../services/profiles/answer-draft.ts';
import { confirmCode } from '../services/profiles/confirm-code.ts';
import { startDraft } from '../services/profiles/start-draft.ts';
import { dialogTurn } from './dialog-turn.ts';

interface CreateProfileState {
  draftId?: string;
}

/** Which profile is changed, or whose values a new one begins with; none: one is created from nothing. */
export interface CreateProfileOptions {
  editsProfileId?: string;
  copiesProfileId?: string;
}

/** The dialog gave the message back: it is over, or the words were not meant for it. */
export const notForMe = 'not-for-me';

/**
 * The typed side of the guided creation. Everything it knows is in the draft, its own state is the draft's id: clicks on the
 * card, the one-time form, a second device and the check of the connection all meet there. Words that it does not
 * understand are answered with what it waits for.
 */
export class CreateProfileDialog extends Dialog {
  static readonly id = 'create-profile';

  constructor() {
    super(CreateProfileDialog.id);
  }

  override async beginDialog(dc: DialogContext, options: CreateProfileOptions = {}): Promise<DialogTurnResult> {
    const { services, environmentId, actor, conversationId, locale } = dialogTurn(dc.context);
    const { editsProfileId = null, copiesProfileId = null } = options;
    const { draft, resumed } = await startDraft(
      services,
      environmentId,
      actor,
      conversationId,
      editsProfileId,
      copiesProfileId,
    );
    stateOf(dc).draftId = draft.id;
    if (resumed) await dc.context.sendActivity(translate(locale, 'chat.draft.resumed'));
    return Dialog.EndOfTurn;
  }

  override async continueDialog(dc: DialogContext): Promise<DialogTurnResult> {
    const { services, environmentId, actor, locale } = dialogTurn(dc.context);
    const text = dc.context.activity.text?.trim() ?? '';
    const draft = await this.#openDraft(dc);
    if (draft === null) return dc.endDialog(notForMe);
    const say = (key: string): Promise<unknown> => dc.context.sendActivity(translate(locale, key));

    const word = text.toLowerCase();
    if (word === 'cancel') {
      await answerDraft(services, environmentId, actor, draft.id, { kind: 'cancel' });
      await say(draft.editsProfileId === null ? 'chat.draft.cancelled' : 'chat.draft.edit-cancelled');
      return dc.endDialog();
    }
    if (word === 'back') {
      if (draft.step === 'details') await say('chat.draft.first-step');
      else await answerDraft(services, environmentId, actor, draft.id, { kind: 'back' });
      await this.#showAgain(dc, draft);
      return Dialog.EndOfTurn;
    }
    if (draft.step === 'credential' && draft.credential === 'parked' && /^\d[\d\s]{3,6}$/.test(text)) {
      await confirmCode(services, environmentId, actor, draft.id, text);
      await this.#showAgain(dc, draft);
      return Dialog.EndOfTurn;
    }
    // Whatever was typed where a secret is awaited may be one: it is not repeated, not logged, not kept.
    await say(draft.step === 'credential' ? 'chat.draft.never-type-passwords' : `chat.draft.waits.${draft.step}`);
    await this.#showAgain(dc, draft);
    return Dialog.EndOfTurn;
  }

  /** The draft while it waits for answers; null once it was saved, cancelled or forgotten. */
  async #openDraft(dc: DialogContext): Promise<ProfileDraft | null> {
    const { services, environmentId, actor } = dialogTurn(dc.context);
    const { draftId } = stateOf(dc);
    if (draftId === undefined) return null;
    try {
      const { value } = await loadOwnDraft(services, environmentId, actor, draftId);
      return value.step === 'saved' || value.step === 'cancelled' ? null : value;
    } catch (error) {
      if (isMailroomError(error)) return null;
      throw error;
    }
  }

  /** After typed words the card moves below them, where the reader looks. */
  async #showAgain(dc: DialogContext, draft: ProfileDraft): Promise<void> {
    const { services, environmentId, conversationId } = dialogTurn(dc.context);
    await services.store.commit([
      intentChange(environmentId, 'draft', draft.id, conversationId, services.clock.now(), 'repost'),
    ]);
  }
}

function stateOf(dc: DialogContext): CreateProfileState {
  return (dc.activeDialog?.state ?? {}) as CreateProfileState;
}
