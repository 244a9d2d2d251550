import { createWebServer, type WebServer } from '../../bot/web/server.ts';
import { createLog } from '../../bot/log.ts';
import type { ProfileDraft } from '../../services/model/draft.ts';
import { createKeyRing } from '../../services/secrets/key-ring.ts';
import { formToken, newSecretRequest } from '../../services/secrets/secret-form.ts';
import { keyOf, type Store } from '../../services/storage/store.ts';
import { openTempStore, type TempStore } from '../storage/open-temp-store.ts';
import { StepClock } from './deliver/step-clock.ts';

export const environmentId = 'e1';
const publicUrl = 'https://mailroom.contoso.test';

/** The web server over a store with one draft that waits for its password. */
export class FormStage {
  readonly clock = new StepClock();
  readonly keys = createKeyRing([Buffer.alloc(32, 3).toString('base64')]);
  readonly written: string[] = [];
  readonly store: Store;
  readonly #temp: TempStore;
  readonly #server: WebServer;
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

  static async open(names: { host?: string; userName?: string; ownerName?: string } = {}): Promise<FormStage> {
    const stage = new FormStage(await openTempStore());
    const { port } = await stage.#server.listen();
    stage.base = `http://127.0.0.1:${port}`;
    await stage.ask(names);
    return stage;
  }

  /** A fresh request and the path of its form. */
  async ask(names: { host?: string; userName?: string; ownerName?: string } = {}): Promise<void> {
    const about = {
      environmentId,
      draftId: 'd1',
      ownerId: 'ada',
      ownerName: names.ownerName ?? 'Ada Admin',
      host: names.host ?? 'mail.contoso.test',
      userName: names.userName ?? 'svc-mailroom@contoso.test',
      scheme: 'basic',
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
      values: {
        name: 'P',
        isDefault: false,
        serverLocation: `https://${about.host}/EWS`,
        userName: about.userName,
        probeAddress: 'a@b.c',
        authentication: 'basic',
        access: 'impersonation',
      },
      errors: {},
      secretRequestId: request.id,
      credential: 'none',
      credentialId: null,
      checks: [],
      server: null,
      editsProfileId: null,
      profileId: null,
      createdAt: this.clock.now(),
      expiresAt: this.clock.now() + 86_400_000,
      revision: 1,
    };
    await this.store.commit([
      { kind: 'put', collection: 'draft', key: keyOf(environmentId, 'd1'), value: draft },
      { kind: 'put', collection: 'secretRequest', key: keyOf(environmentId, request.id), value: request },
    ]);
    this.path = `/secrets/${formToken(this.keys, request)}`;
  }

  get(init: RequestInit = {}): Promise<Response> {
    return fetch(this.base + this.path, init);
  }

  /** Opens the form and sends it back as a browser would, with changes. */
  async post(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const page = await (await this.get()).text();
    const check = /name="check" value="([^"]+)"/.exec(page)?.[1] ?? '';
    return this.postRaw(new URLSearchParams({ check, ...fields }), {
      origin: 'null',
      'sec-fetch-site': 'same-origin',
      ...headers,
    });
  }

  postRaw(body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}): Promise<Response> {
    return this.get({ method: 'POST', body, headers });
  }

  async state(): Promise<string | undefined> {
    const [request] = await this.store.query('secretRequest', { limit: 1 });
    return request?.value.state;
  }

  async dispose(): Promise<void> {
    await this.#server.close(0);
    await this.#temp.dispose();
  }
}
