import type { Correspondent, ItemContent } from './item.ts';

/** One message that was sent, as `GET control/mail` shows it. */
export interface SentMail {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The mailbox that sent it. */
  readonly mailbox: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly body: string;
  readonly internetMessageId: string;
  /** Name (property name, id or tag) and value of the extended properties; a client's marker is among them. */
  readonly extendedProperties: readonly { readonly name: string; readonly value: string }[];
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** The recipients that have a mailbox here and got it. */
  readonly deliveredTo: readonly string[];
}

export interface Departure {
  readonly mailbox: string;
  readonly content: ItemContent;
  readonly internetMessageId: string;
  readonly at: Date;
  readonly deliveredTo: readonly string[];
}

/** Every message that left, oldest first. */
export class MailLog {
  #entries: SentMail[] = [];
  #last = 0;

  entries(): readonly SentMail[] {
    return this.#entries;
  }

  reset(): void {
    this.#entries = [];
  }

  record({ mailbox, content, internetMessageId, at, deliveredTo }: Departure): void {
    this.#last += 1;
    this.#entries.push({
      seq: this.#last,
      time: at.toISOString(),
      mailbox,
      from: content.from?.address ?? mailbox,
      to: addresses(content.to),
      cc: addresses(content.cc),
      bcc: addresses(content.bcc),
      subject: content.subject,
      body: content.body?.text ?? '',
      internetMessageId,
      extendedProperties: content.extendedProperties.map(({ path, values }) => ({
        name: path.attributes['PropertyName'] ?? path.attributes['PropertyId'] ?? path.attributes['PropertyTag'] ?? '',
        value: values.join(', '),
      })),
      headers: content.headers.map(([name, value]) => ({ name, value })),
      deliveredTo,
    });
  }
}

function addresses(people: readonly Correspondent[]): string[] {
  return people.map((person) => person.address);
}
