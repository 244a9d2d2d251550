import { createHash, randomInt, randomUUID, timingSafeEqual } from 'node:crypto';
import { auditEntry } from '../model/audit.ts';
import { MailroomError } from '../model/error.ts';
import { secretRequestLifetimeMs, type Credential, type SecretRequest } from '../model/secret-request.ts';
import { draftIntents } from '../conversations/draft-intents.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type ExpectedVersion, type Stored } from '../storage/store.ts';
import { bindingText } from './credential-access.ts';
import { readHandedIn, type HandedIn } from './handed-in.ts';
import type { KeyRing } from './key-ring.ts';

/**
 * The token of a form's link. It is derived from the request's id, so that the card in the 1:1 chat can be rendered again
 * after a restart although only the token's hash is stored; without MAILROOM_KEY nobody can compute it.
 */
export function formToken(keys: KeyRing, request: Pick<SecretRequest, 'environmentId' | 'id'>): string {
  return keys.derive('one-time form', keyOf(request.environmentId, request.id));
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/** A fresh request for a draft's secret, as a value; the caller commits it together with the draft. */
export function newSecretRequest(
  keys: KeyRing,
  now: number,
  about: Pick<SecretRequest, 'environmentId' | 'draftId' | 'ownerId' | 'ownerName' | 'target'>,
): SecretRequest {
  const id = randomUUID();
  return {
    ...about,
    id,
    tokenHash: hashOf(formToken(keys, { environmentId: about.environmentId, id })),
    createdAt: now,
    expiresAt: now + secretRequestLifetimeMs,
    state: 'open',
    code: null,
    wrongCodes: 0,
    credentialId: null,
    revision: 1,
  };
}

/**
 * The open request behind a link. Looking does not consume it: link previews fetch URLs.
 * @throws MailroomError `secret.link-invalid`, `secret.link-replaced`, `secret.link-used`, `secret.link-expired`
 */
export async function findOpenRequest(
  context: Pick<ServiceContext, 'store' | 'clock'>,
  token: string,
): Promise<Stored<SecretRequest>> {
  if (!/^[\w-]{43}$/.test(token)) throw new MailroomError('secret.link-invalid');
  const hash = hashOf(token);
  const [found] = await context.store.query('secretRequest', { where: { tokenHash: hash }, limit: 1 });
  if (found === undefined || !timingSafeEqual(Buffer.from(found.value.tokenHash), Buffer.from(hash)))
    throw new MailroomError('secret.link-invalid');
  if (found.value.state === 'void' && (await hasNewerRequest(context.store, found.value)))
    throw new MailroomError('secret.link-replaced');
  if (found.value.state !== 'open') throw new MailroomError('secret.link-used');
  if (context.clock.now() >= found.value.expiresAt) throw new MailroomError('secret.link-expired');
  return found;
}

/** True when "New link" put another form in the place of this one: nobody has used it, so there is nothing to report. */
async function hasNewerRequest(store: ServiceContext['store'], request: SecretRequest): Promise<boolean> {
  const draft = await store.get('draft', keyOf(request.environmentId, request.draftId));
  const current = draft?.value.secretRequestId ?? null;
  return request.credentialId === null && current !== null && current !== request.id;
}

/**
 * Parks what was posted: encrypted, bound to the draft's target, unusable until the actor confirms the returned four-digit
 * code in chat. Consumes the link; of two posts at once one wins. What cannot be used leaves the link open for another try.
 * @throws MailroomError as `findOpenRequest` and `readHandedIn`
 */
export async function parkSecret(
  context: Pick<ServiceContext, 'store' | 'clock' | 'keys'>,
  token: string,
  handedIn: HandedIn,
): Promise<{ code: string }> {
  const { store, clock, keys } = context;
  const found = await findOpenRequest(context, token);
  const request = found.value;
  const draftKey = keyOf(request.environmentId, request.draftId);
  const draft = await store.get('draft', draftKey);
  if (draft === undefined || draft.value.secretRequestId !== request.id || draft.value.step !== 'credential')
    throw new MailroomError('secret.link-used');
  const { secret, certificate } = readHandedIn(handedIn, request.target.scheme, clock.now());

  const now = clock.now();
  const code = String(randomInt(0, 10_000)).padStart(4, '0');
  const binding = { ...request.target, ownerRecord: draftKey };
  const credential: Credential = {
    environmentId: request.environmentId,
    id: randomUUID(),
    binding,
    envelope: keys.seal(secret, bindingText(binding)),
    certificate,
    setBy: request.ownerId,
    setAt: now,
    refused: false,
    revision: 1,
  };
  const changes: Change[] = [
    { kind: 'put', collection: 'credential', key: keyOf(request.environmentId, credential.id), value: credential },
    {
      kind: 'put',
      collection: 'secretRequest',
      key: found.key,
      value: {
        ...request,
        state: 'parked',
        code,
        credentialId: credential.id,
        expiresAt: now + secretRequestLifetimeMs,
        revision: request.revision + 1,
      },
    },
    {
      kind: 'put',
      collection: 'draft',
      key: draftKey,
      value: { ...draft.value, credential: 'parked', revision: draft.value.revision + 1 },
    },
    {
      kind: 'append',
      log: 'audit',
      entry: auditEntry(
        request.environmentId,
        now,
        { tenantId: '', aadObjectId: request.ownerId, name: request.ownerName },
        'credential.set',
        [request.draftId],
        {
          host: request.target.host,
          account: request.target.account,
          state: 'parked',
          ...(certificate === null ? {} : { thumbprint: certificate.thumbprint }),
        },
      ),
    },
    ...(await draftIntents(store, draft.value, now)),
  ];
  const expected: ExpectedVersion[] = [
    { collection: 'secretRequest', key: found.key, version: found.version },
    { collection: 'draft', key: draftKey, version: draft.version },
  ];
  try {
    await store.commit(changes, expected);
  } catch (error) {
    // The other of two simultaneous posts was first, or the draft moved on: this link is spent.
    if (error instanceof MailroomError && error.code === 'store.conflict')
      throw new MailroomError('secret.link-used', {}, error);
    throw error;
  }
  return { code };
}
