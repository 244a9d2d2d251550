import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Actor, Right } from '../model/access.ts';
import { auditEntry, type AuditEventKind } from '../model/audit.ts';
import { isMailroomError, MailroomError } from '../model/error.ts';
import { fileLinkLifetimeMs, type FileLink } from '../model/file-link.ts';
import { intentChange } from '../conversations/intents.ts';
import type { KeyRing } from '../secrets/key-ring.ts';
import type { ServiceContext } from '../service-context.ts';
import { keyOf, type Change, type Stored } from '../storage/store.ts';
import { requireRight } from './roles.ts';

type Context = Pick<ServiceContext, 'store' | 'clock' | 'keys'>;

/** The token of a link. Derived, as that of the one-time form: a card can be drawn again, and only the hash is stored. */
export function fileToken(keys: KeyRing, link: Pick<FileLink, 'environmentId' | 'id'>): string {
  return keys.derive('one-time download', keyOf(link.environmentId, link.id));
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

type File = Pick<FileLink, 'kind' | 'subjectId' | 'content'>;

/** Who may have a file, when the link is made and when it is used; and how the trail calls it. */
const files: Readonly<Record<FileLink['kind'], { readonly right: Right; readonly event: AuditEventKind }>> = {
  'run-report': { right: 'read', event: 'run.report-downloaded' },
  history: { right: 'audit', event: 'history.exported' },
  // Every owner, fault and decision in one file that leaves Mailroom: more than reading page by page.
  mailboxes: { right: 'audit', event: 'mailboxes.exported' },
};

/** One link a person and file: a new one makes the earlier one void. */
const linkKey = (environmentId: string, { kind, subjectId }: File, ownerId: string): string =>
  keyOf(environmentId, kind, subjectId, ownerId);

/** Links of a person with content of their own at once: each may hold every mailbox. The oldest goes. */
export const mostExports = 10;

/** Makes a link for somebody who may have the file. @throws MailroomError `access.denied` */
export async function offerFile(
  context: Context,
  environmentId: string,
  actor: Actor,
  { kind, subjectId, content }: File,
  conversationId: string,
): Promise<FileLink> {
  await requireRight(context, environmentId, actor, files[kind].right);
  const { store, clock, keys } = context;
  const now = clock.now();
  const id = randomUUID();
  const link: FileLink = {
    environmentId,
    id,
    tokenHash: hashOf(fileToken(keys, { environmentId, id })),
    kind,
    subjectId,
    ...(content === undefined ? {} : { content }),
    ownerId: actor.aadObjectId,
    ownerName: actor.name,
    conversationId,
    state: 'open',
    createdAt: now,
    expiresAt: now + fileLinkLifetimeMs,
  };
  const key = linkKey(environmentId, link, actor.aadObjectId);
  const earlier = await store.query('fileLink', {
    prefix: keyOf(environmentId, kind, ''),
    where: { ownerId: actor.aadObjectId },
    limit: 1000,
  });
  const oldest = earlier
    .filter((other) => other.key !== key && other.value.content !== undefined)
    .sort((a, b) => b.value.createdAt - a.value.createdAt)
    .slice(mostExports - 1);
  await store.commit([
    { kind: 'put', collection: 'fileLink', key, value: link },
    ...oldest.map((other): Change => ({ kind: 'delete', collection: 'fileLink', key: other.key })),
  ]);
  return link;
}

/** The link that a person can use now, for the person's own card. */
export async function openLinkOf(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  environmentId: string,
  file: File,
  ownerId: string,
): Promise<FileLink | null> {
  const link = (await store.get('fileLink', linkKey(environmentId, file, ownerId)))?.value;
  return link?.state === 'open' && clock.now() < link.expiresAt ? link : null;
}

/**
 * The open link behind a token. Looking does not consume it: previews and scanners fetch addresses.
 * @throws MailroomError `file.link-invalid`, `file.link-used`, `file.link-expired`
 */
export async function findLink(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  token: string,
): Promise<Stored<FileLink>> {
  if (!/^[\w-]{43}$/.test(token)) throw new MailroomError('file.link-invalid');
  const hash = hashOf(token);
  const [found] = await store.query('fileLink', { where: { tokenHash: hash }, limit: 1 });
  if (found === undefined || !timingSafeEqual(Buffer.from(found.value.tokenHash), Buffer.from(hash)))
    throw new MailroomError('file.link-invalid');
  if (found.value.state !== 'open') throw new MailroomError('file.link-used');
  if (clock.now() >= found.value.expiresAt) throw new MailroomError('file.link-expired');
  return found;
}

/**
 * Consumes a link and writes the download down; of two requests at once one wins. Whoever lost the role since does not get
 * the file.
 * @throws MailroomError as `findLink`, and `access.denied`
 */
export async function takeLink(context: Pick<Context, 'store' | 'clock'>, token: string): Promise<FileLink> {
  const { store, clock } = context;
  const { key, version, value } = await findLink(context, token);
  const { environmentId, subjectId, conversationId, content } = value;
  const owner: Actor = { tenantId: '', aadObjectId: value.ownerId, name: value.ownerName };
  await requireRight(context, environmentId, owner, files[value.kind].right);
  const now = clock.now();
  const run =
    value.kind === 'run-report' ? (await store.get('run', keyOf(environmentId, subjectId)))?.value : undefined;
  try {
    await store.commit(
      [
        { kind: 'put', collection: 'fileLink', key, value: used(value) },
        {
          kind: 'append',
          log: 'audit',
          entry: auditEntry(
            environmentId,
            now,
            owner,
            files[value.kind].event,
            [subjectId],
            content === undefined ? {} : { count: content.count, filter: content.filter },
          ),
        },
        // A card that lives in that chat offers a new link instead of the spent one.
        ...(run?.conversationId === conversationId
          ? [intentChange(environmentId, 'run', subjectId, conversationId, now)]
          : []),
      ],
      [{ collection: 'fileLink', key, version }],
    );
  } catch (error) {
    if (isMailroomError(error, 'store.conflict')) throw new MailroomError('file.link-used', {}, error);
    throw error;
  }
  return value;
}

/** Nobody comes back for what was in it, which may be long. */
function used(link: FileLink): FileLink {
  const { content } = link;
  return { ...link, state: 'used', ...(content === undefined ? {} : { content: { ...content, mailboxIds: [] } }) };
}
