import { confirmCode } from '../../services/profiles/confirm-code.ts';
import { answerDraft, type PersonAnswer } from '../../services/profiles/answer-draft.ts';
import { saveProfile } from '../../services/profiles/save-profile.ts';
import { startDraft } from '../../services/profiles/start-draft.ts';
import type { Actor } from '../../services/model/access.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import type { HandedIn } from '../../services/secrets/handed-in.ts';
import { formToken, parkSecret } from '../../services/secrets/secret-form.ts';
import { Secret } from '../../services/secrets/secret.ts';
import { keyOf } from '../../services/storage/store.ts';
import { makeCertificate, type OwnCertificate } from '../exchange/oauth/certificate-samples.ts';
import { account, ada, adaChat, env, hybridApp, location, password, type MailroomStage } from './mailroom-stage.ts';

export const goodDetails = {
  name: 'Contoso',
  isDefault: 'true',
  autodiscover: 'inactive',
  authentication: 'basic',
  access: 'impersonation',
  serverLocation: location,
  userName: account,
  probeAddress: 'user0001@contoso.test',
};

/** The first card when Autodiscover shall find the server. */
export const searchedDetails = { autodiscover: 'active', serverLocation: '' };

/** The first card of a profile with Hybrid Modern Authentication, and its second. */
export const oauthDetails = { authentication: 'oauth', userName: '' };
export const goodModernAuth = {
  tenant: hybridApp.tenant,
  clientId: hybridApp.clientId,
  resource: hybridApp.resource,
  certificateSource: 'file',
  vaultUrl: '',
  certificateName: '',
  vaultClientId: '',
};
/** What the second card asks for beside that when the certificate is in a vault. */
export const goodVault = {
  certificateSource: 'key-vault',
  vaultUrl: 'https://contoso-hma.vault.azure.net',
  certificateName: 'hma-certificate',
  vaultClientId: '33333333-3333-4333-8333-333333333333',
};

let certificate: Promise<OwnCertificate> | null = null;

/** Making a key takes long, so that there is one for all tests of a process; it is valid on the stage's clock. */
export function certificateForTests(): Promise<OwnCertificate> {
  certificate ??= makeCertificate(new Date('2025-01-01'), new Date('2035-01-01'));
  return certificate;
}

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

  /** The change of a profile. */
  static async edit(stage: MailroomStage, profileId: string, actor: Actor = ada): Promise<DraftJourney> {
    const { draft } = await startDraft(stage, env, actor, adaChat, profileId);
    return new DraftJourney(stage, actor, draft.id);
  }

  /** Goes on with a draft that is there. */
  static resume(stage: MailroomStage, draftId: string, actor: Actor = ada): DraftJourney {
    return new DraftJourney(stage, actor, draftId);
  }

  draft(): Promise<ProfileDraft> {
    return this.#stage.get('draft', this.id);
  }

  async details(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    return this.say({ kind: 'values', inputs: { ...goodDetails, ...changes } });
  }

  /** The second card, for OAuth. */
  async modernAuth(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    return this.say({ kind: 'values', inputs: { ...goodModernAuth, ...changes } });
  }

  /** An answer; what is said about a host is a click on the card as it is now, unless a revision is given. */
  async say(answer: PersonAnswer, revision?: number): Promise<ProfileDraft> {
    const isOfCard = answer.kind === 'judge-host' || answer.kind === 'use-server';
    const clicked = revision ?? (isOfCard ? (await this.draft()).revision : undefined);
    return (await answerDraft(this.#stage, env, this.#actor, this.id, answer, clicked)).draft;
  }

  /** The token in the link of the open form. */
  async token(): Promise<string> {
    const id = (await this.draft()).secretRequestId ?? '';
    return formToken(this.#stage.keys, { environmentId: env, id });
  }

  /** Posts the form, with a certificate where it asks for one; gives the code that the page shows. */
  async post(text = password): Promise<string> {
    const { secretRequestId } = await this.draft();
    const asksForCertificate = secretRequestId !== null && (await this.request()).target.scheme === 'certificate';
    const handedIn: HandedIn = asksForCertificate
      ? { content: new Secret((await certificateForTests()).withKey), password: null }
      : new Secret(text);
    return (await parkSecret(this.#stage, await this.token(), handedIn)).code;
  }

  confirm(code: string): Promise<ProfileDraft> {
    return confirmCode(this.#stage, env, this.#actor, this.id, code);
  }

  /** The form posted and confirmed, and what follows from it done. */
  async handIn(text = password): Promise<ProfileDraft> {
    await this.confirm(await this.post(text));
    return this.work();
  }

  /** Background work done: the draft as it is after that. */
  async work(): Promise<ProfileDraft> {
    await this.#stage.work();
    return this.draft();
  }

  /** From nothing to the review, with a check that goes well. */
  async toReview(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    await this.details(changes);
    return this.handIn();
  }

  /** The same with a certificate, or with the changes of a vault. */
  async toOAuthReview(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    await this.details(oauthDetails);
    await this.modernAuth(changes);
    return this.handIn();
  }

  /** To what Autodiscover came to: a proposal, unless the script of Exchange says otherwise. */
  async toFound(changes: Readonly<Record<string, unknown>> = {}): Promise<ProfileDraft> {
    await this.details({ ...searchedDetails, ...changes });
    return this.handIn();
  }

  /** Accepts the server that was found; its check goes well. */
  async useServer(): Promise<ProfileDraft> {
    await this.say({ kind: 'use-server' });
    return this.work();
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
