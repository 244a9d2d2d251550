import { confirmCode } from '../../services/profiles/confirm-code.ts';
import { answerDraft } from '../../services/profiles/answer-draft.ts';
import { saveProfile } from '../../services/profiles/save-profile.ts';
import { startDraft } from '../../services/profiles/start-draft.ts';
import type { Actor } from '../../services/model/access.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import { formToken, parkSecret } from '../../services/secrets/secret-form.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { account, ada, adaChat, env, location, password, type MailroomStage } from './mailroom-stage.ts';

export const goodDetails = {
  name: 'Contoso',
  isDefault: 'true',
  serverLocation: location,
  userName: account,
  probeAddress: 'user0001@contoso.test',
};

/** The guided creation of a profile, a step a method, as an admin walks through it. */
export class DraftJourney {
  readonly #stage: MailroomStage;
  readonly #actor: Actor;
  readonly id: string;

  private constructor(stage: MailroomStage, actor: Actor, id: string) {
    this.#stage = stage;
    this.#actor = actor;
    this.id = id;
  }

  static async begin(stage: MailroomStage, actor: Actor = ada, conversationId = adaChat): Promise<DraftJourney> {
    const { draft } = await startDraft(stage, env, actor, conversationId);
    return new DraftJourney(stage, actor, draft.id);
  }

  draft(): Promise<ProfileDraft> {
    return this.#stage.get('draft', this.id);
  }

  async details(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    return this.say({ kind: 'details', inputs: { ...goodDetails, ...changes } });
  }

  async say(answer: Parameters<typeof answerDraft>[4], revision?: number): Promise<ProfileDraft> {
    return (await answerDraft(this.#stage, env, this.#actor, this.id, answer, revision)).draft;
  }

  /** The token in the link of the open form. */
  async token(): Promise<string> {
    const id = (await this.draft()).secretRequestId ?? '';
    return formToken(this.#stage.keys, { environmentId: env, id });
  }

  /** Posts the form; gives the code that the page shows. */
  async post(text = password): Promise<string> {
    return (await parkSecret(this.#stage, await this.token(), new Secret(text))).code;
  }

  confirm(code: string): Promise<ProfileDraft> {
    return confirmCode(this.#stage, env, this.#actor, this.id, code);
  }

  /** From nothing to the review, with a check that goes well. */
  async toReview(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    await this.details(changes);
    await this.confirm(await this.post());
    await this.#stage.work();
    return this.draft();
  }

  async save(): Promise<ProfileDraft> {
    const { revision } = await this.draft();
    return (await saveProfile(this.#stage, env, this.#actor, this.id, revision)).draft;
  }

  request() {
    return this.draft().then((draft) => this.#stage.get('secretRequest', draft.secretRequestId ?? ''));
  }

  async credentials(): Promise<string[]> {
    const found = await this.#stage.store.query('credential', { prefix: keyOf(env, ''), limit: 100 });
    return found.map(({ value }) => value.id);
  }
}
