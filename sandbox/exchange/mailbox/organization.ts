import { Mailbox, type MailboxSeed } from './mailbox.ts';
import { MailLog } from './mail-log.ts';

/** The mailboxes of the stand-in and the mail that went between them. */
export class Organization {
  readonly domain: string;
  readonly mail = new MailLog();
  readonly now: () => Date;
  readonly #byAddress = new Map<string, Mailbox>();
  readonly #all: Mailbox[] = [];

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

  all(): readonly Mailbox[] {
    return this.#all;
  }
}
