import { Mailbox, type MailboxSeed } from './mailbox.ts';
import { MailLog } from './mail-log.ts';
import { Subscriptions } from './subscriptions.ts';

/** An address that stands for several. */
export interface DistributionList {
  readonly address: string;
  readonly displayName?: string;
  /** Addresses; those of other lists too. */
  readonly members: readonly string[];
}

/** Whoever the address book knows beside mailboxes and lists. */
export interface DirectoryEntry {
  readonly address: string;
  readonly displayName: string;
  /** MailboxType of the schema. */
  readonly type: 'Contact' | 'PublicFolder' | 'GroupMailbox';
}

/** The mailboxes of the stand-in and the mail that went between them. */
export class Organization {
  readonly domain: string;
  readonly mail = new MailLog();
  readonly subscriptions = new Subscriptions();
  readonly now: () => Date;
  readonly #byAddress = new Map<string, Mailbox>();
  readonly #all: Mailbox[] = [];
  readonly #lists = new Map<string, DistributionList>();
  readonly #entries = new Map<string, DirectoryEntry>();

  constructor(domain: string, now: () => Date) {
    this.domain = domain;
    this.now = now;
  }

  /** Adds a mailbox; one whose address is taken already is an error of the caller. */
  add(seed: MailboxSeed): Mailbox {
    const keys = [seed.address, ...(seed.aliases ?? [])].map((address) => address.toLowerCase());
    const taken = keys.find((key) => this.#byAddress.has(key));
    if (taken !== undefined) throw new Error(`There is a mailbox ${taken} already.`);
    const mailbox = new Mailbox(this.#all.length, seed);
    this.#all.push(mailbox);
    for (const key of keys) this.#byAddress.set(key, mailbox);
    return mailbox;
  }

  /** By primary address or alias. */
  find(address: string): Mailbox | undefined {
    return this.#byAddress.get(address.toLowerCase());
  }

  addList(list: DistributionList): void {
    const key = list.address.toLowerCase();
    if (this.#byAddress.has(key) || this.#lists.has(key))
      throw new Error(`There is a mailbox ${list.address} already.`);
    this.#lists.set(key, list);
  }

  list(address: string): DistributionList | undefined {
    return this.#lists.get(address.toLowerCase());
  }

  lists(): readonly DistributionList[] {
    return [...this.#lists.values()];
  }

  addEntry(entry: DirectoryEntry): void {
    this.#entries.set(entry.address.toLowerCase(), entry);
  }

  entry(address: string): DirectoryEntry | undefined {
    return this.#entries.get(address.toLowerCase());
  }

  entries(): readonly DirectoryEntry[] {
    return [...this.#entries.values()];
  }

  /** The mailboxes that get what is sent to an address; a list within a list counts once. */
  recipients(address: string, seen: ReadonlySet<DistributionList> = new Set()): readonly Mailbox[] {
    const list = this.list(address);
    if (!list) {
      const mailbox = this.find(address);
      return mailbox ? [mailbox] : [];
    }
    if (seen.has(list)) return [];
    return list.members.flatMap((member) => this.recipients(member, new Set([...seen, list])));
  }

  all(): readonly Mailbox[] {
    return this.#all;
  }
}
