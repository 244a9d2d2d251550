import { createWebServer, type WebServer } from '../../bot/web/server.ts';
import { createLog } from '../../bot/log.ts';
import { emptyValues } from '../../services/model/draft-values.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import type { SecretTarget } from '../../services/model/secret-target.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import { formToken, newSecretRequest } from '../../services/secrets/secret-form.ts';
import { keyOf, type Store } from '../../services/storage/store.ts';
import { openTempStore, type TempStore } from '../storage/open-temp-store.ts';
import { StepClock } from './deliver/step-clock.ts';

export const environmentId = 'e1';
const sameOrigin = { origin: 'null', 'sec-fetch-site': 'same-origin' };
const publicUrl = 'https://mailroom.contoso.test';

/** What a form asks for; unless a test says otherwise, the password of a service account. */
export interface Asked {
  readonly target?: Partial<SecretTarget>;
  readonly ownerName?: string;
}

const app = '5d1bd4a3-1b2c-4e4f-8a6b-7c8d9e0f1a2b';

/** The targets of Hybrid Modern Authentication, with the certificate in a file and in a vault. */
export const certificateTarget = {
  account: app,
  scheme: 'certificate',
  parties: ['contoso.test', 'https://mail.contoso.test'],
} as const satisfies Partial<SecretTarget>;
export const vaultTarget = {
  account: app,
  scheme: 'key-vault',
  parties: [
    'contoso.test',
    '',
    'https://contoso-hma.vault.azure.net',
    'mailroom-hma',
    '9c2f6a70-0d0e-4c5b-9d3f-1e2d3c4b5a69',
  ],
} as const satisfies Partial<SecretTarget>;

/** The web server over a store with one draft that waits for its secret. */
export class FormStage {
  readonly clock = new StepClock();
  readonly keys = createKeyRing([Buffer.alloc(32, 3).toString('base64')]);
  readonly written: string[] = [];
  readonly store: Store;
  readonly #temp: TempStore;
  readonly #server: WebServer;
  #requestId = '';
  base = '';
  path = '';

  private constructor(temp: TempStore) {
    this.#temp = temp;
    this.store = temp.store;
    this.#server = createWebServer({
      config: {
        host: '127.0.0.1',
        port: 0,
        publicUrl,
        app: { id: 'a', tenantId: 't', password: null as never },
      },
      log: createLog({ level: 'trace' }, { write: (line) => void this.written.push(line) }),
      processActivity: () => Promise.resolve({ status: 200 }),
      secretForm: this,
      isReady: () => this.store.alive,
    });
  }

  static async open(asked: Asked = {}): Promise<FormStage> {
    const stage = new FormStage(await openTempStore());
    const { port } = await stage.#server.listen();
    stage.base = `http://127.0.0.1:${port}`;
    await stage.ask(asked);
    return stage;
  }

  /** A fresh request and the path of its form. */
  async ask({ target, ownerName = 'Ada Admin' }: Asked = {}): Promise<void> {
    const about = {
      environmentId,
      draftId: 'd1',
      ownerId: 'ada',
      ownerName,
      target: {
        host: 'mail.contoso.test',
        account: 'svc-mailroom@contoso.test',
        scheme: 'basic',
        parties: [],
        ...target,
      },
    } as const;
    const request = newSecretRequest(this.keys, this.clock.now(), about);
    const draft: ProfileDraft = {
      environmentId,
      id: 'd1',
      ownerId: about.ownerId,
      ownerName: about.ownerName,
      ownerTenantId: 't1',
      conversationId: 'c1',
      step: 'credential',
      values: emptyValues,
      errors: {},
      secretRequestId: request.id,
      credential: 'none',
      credentialId: null,
      discovery: null,
      checks: [],
      server: null,
      editsProfileId: null,
      copiesProfileId: null,
      advancedBefore: null,
      sharedWith: 0,
      profileId: null,
      createdAt: this.clock.now(),
      expiresAt: this.clock.now() + 86_400_000,
      revision: 1,
    };
    await this.store.commit([
      { kind: 'put', collection: 'draft', key: keyOf(environmentId, 'd1'), value: draft },
      { kind: 'put', collection: 'secretRequest', key: keyOf(environmentId, request.id), value: request },
    ]);
    this.#requestId = request.id;
    this.path = `/secrets/${formToken(this.keys, request)}`;
  }

  get(init: RequestInit = {}): Promise<Response> {
    return fetch(this.base + this.path, init);
  }

  /** The check in the form as it is shown now. */
  async check(): Promise<string> {
    return /name="check" value="([^"]+)"/.exec(await (await this.get()).text())?.[1] ?? '';
  }

  /** Opens the form and sends it back as a browser would, with changes. */
  async post(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    return this.postRaw(new URLSearchParams({ check: await this.check(), ...fields }), { ...sameOrigin, ...headers });
  }

  /** The same for a form with a file. */
  async postFile(bytes: Uint8Array, password = '', headers: Record<string, string> = {}): Promise<Response> {
    const form = new FormData();
    form.set('check', await this.check());
    form.set('file', new Blob([new Uint8Array(bytes)]), 'hma.pfx');
    form.set('password', password);
    return this.postRaw(form, { ...sameOrigin, ...headers });
  }

  postRaw(body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}): Promise<Response> {
    return this.get({ method: 'POST', body, headers });
  }

  /** Of the newest request. */
  async state(): Promise<string | undefined> {
    return (await this.store.get('secretRequest', keyOf(environmentId, this.#requestId)))?.value.state;
  }

  async dispose(): Promise<void> {
    await this.#server.close(0);
    await this.#temp.dispose();
  }
}
