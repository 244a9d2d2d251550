import { randomUUID } from 'node:crypto';
import { madeElement } from '../xml/make.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import type { Correspondent, ItemContent, StoredItem } from './item.ts';
import type { Mailbox } from './mailbox.ts';
import type { Organization } from './organization.ts';

/** How an invited person answers. */
export type MeetingAnswer = 'Accept' | 'Tentative' | 'Decline';

const ATTENDEE_LISTS = ['RequiredAttendees', 'OptionalAttendees', 'Resources'] as const;
/** What a message about a meeting says of it. */
const TOLD = new Set([
  ...ATTENDEE_LISTS,
  'UID',
  'Start',
  'End',
  'IsAllDayEvent',
  'Location',
  'Organizer',
  'Recurrence',
  'LegacyFreeBusyStatus',
]);
const ANSWER_CLASSES: Readonly<Record<MeetingAnswer, readonly [itemClass: string, prefix: string]>> = {
  Accept: ['IPM.Schedule.Meeting.Resp.Pos', 'Accepted'],
  Tentative: ['IPM.Schedule.Meeting.Resp.Tent', 'Tentative'],
  Decline: ['IPM.Schedule.Meeting.Resp.Neg', 'Declined'],
};

/** What the server adds to an appointment of a mailbox: an identity over all calendars, and who called it. */
export function organized(mailbox: Mailbox, content: ItemContent): ItemContent {
  const others = new Map(content.others);
  if (!others.has('UID')) {
    const uid = randomUUID().replaceAll('-', '').toUpperCase();
    others.set('UID', madeElement('UID', `040000008200E00074C5B7101A82E008${uid}`));
  }
  others.set('Organizer', madeElement('Organizer', '', [person(mailbox)]));
  return { ...content, others };
}

/** True for appointments of one's own, and meetings one has called. */
export function isOrganizer(mailbox: Mailbox, { others }: ItemContent): boolean {
  const address = childText(child(others.get('Organizer'), 'Mailbox'), 'EmailAddress');
  return address === undefined || mailbox.isAddressedBy(address);
}

export function attendeesOf({ others }: ItemContent): readonly string[] {
  return ATTENDEE_LISTS.flatMap((list) =>
    (others.get(list)?.children ?? []).flatMap(
      (attendee) => childText(child(attendee, 'Mailbox'), 'EmailAddress') ?? [],
    ),
  );
}

/**
 * Invites everybody: a request in the inbox, and the meeting, not yet answered, in the calendar. One who has the meeting
 * already gets the newer version.
 *
 * @param keepsCopy whether the organizer finds the request in Sent Items
 */
export function invite(organization: Organization, mailbox: Mailbox, meeting: StoredItem, keepsCopy: boolean): void {
  const { content } = meeting;
  for (const target of guests(organization, mailbox, content)) {
    const others = new Map(content.others);
    others.set('MyResponseType', madeElement('MyResponseType', 'NoResponseReceived'));
    others.set('LegacyFreeBusyStatus', madeElement('LegacyFreeBusyStatus', 'Tentative'));
    const theirs: ItemContent = { ...content, others, extendedProperties: [], exceptions: new Map() };
    const known = invitedBefore(target, mailbox, content);
    const entry = known
      ? target.update(known, theirs, true, organization.now())
      : target.add({ ...arrival(organization, theirs), folder: 'calendar', isFromMe: false });
    const request = message(mailbox, content, 'MeetingRequest', 'IPM.Schedule.Meeting.Request', content.subject);
    const about = [
      madeElement('MeetingRequestType', known ? 'FullUpdate' : 'NewMeetingRequest'),
      madeElement('ResponseType', 'NoResponseReceived'),
      madeElement('AssociatedCalendarItemId', '', [], { Id: entry.id, ChangeKey: entry.changeKey }),
    ];
    deliver(organization, mailbox, target, withOthers(request, about));
  }
  if (keepsCopy) {
    const request = message(mailbox, content, 'MeetingRequest', 'IPM.Schedule.Meeting.Request', content.subject);
    mailbox.add({ ...arrival(organization, request), folder: 'sentitems', isFromMe: true });
  }
}

/** Tells everybody that a meeting does not take place; it stays in their calendars, marked, until they take it away. */
export function callOff(organization: Organization, mailbox: Mailbox, content: ItemContent): void {
  const subject = `Canceled: ${content.subject}`;
  for (const target of guests(organization, mailbox, content)) {
    const known = invitedBefore(target, mailbox, content);
    const notice = message(mailbox, content, 'MeetingCancellation', 'IPM.Schedule.Meeting.Canceled', subject);
    deliver(organization, mailbox, target, notice);
    if (!known) continue;
    const cancelled = withOthers({ ...known.content, subject }, [madeElement('IsCancelled', 'true')]);
    target.update(known, cancelled, true, organization.now());
  }
}

/**
 * Answers an invitation: one's own calendar and the organizer's show it, and the organizer gets a message unless it is
 * answered silently. A meeting that is declined leaves the calendar.
 */
export function answerInvitation(
  organization: Organization,
  mailbox: Mailbox,
  entry: StoredItem,
  answer: MeetingAnswer,
  isSilent: boolean,
): StoredItem {
  const { content } = entry;
  const status = answer === 'Tentative' ? 'Tentative' : 'Busy';
  const answered = withOthers(content, [
    madeElement('MyResponseType', answer),
    madeElement('LegacyFreeBusyStatus', status),
    madeElement('AppointmentReplyTime', organization.now().toISOString()),
  ]);
  const mine =
    answer === 'Decline'
      ? mailbox.move(entry, 'deleteditems')
      : mailbox.update(entry, answered, true, organization.now());
  const address = childText(child(content.others.get('Organizer'), 'Mailbox'), 'EmailAddress') ?? '';
  const organizer = organization.find(address);
  if (isSilent || !organizer) return mine;
  const [itemClass, prefix] = ANSWER_CLASSES[answer];
  const reply = message(mailbox, content, 'MeetingResponse', itemClass, `${prefix}: ${content.subject}`);
  const to = [{ name: organizer.displayName, address: organizer.address }];
  deliver(organization, mailbox, organizer, withOthers({ ...reply, to }, [madeElement('ResponseType', answer)]));
  const theirs = meetingIn(organizer, content);
  if (theirs) organizer.update(theirs, tracked(theirs.content, mailbox, answer), true, organization.now());
  return mine;
}

/** The meeting in somebody's calendar, known by its UID. */
export function meetingIn(mailbox: Mailbox, { others }: ItemContent): StoredItem | undefined {
  const uid = others.get('UID')?.text;
  return mailbox
    .itemsIn('calendar')
    .find(({ content }) => uid !== undefined && content.others.get('UID')?.text === uid);
}

/** The meeting in the calendar of a guest, if it is the organizer's: nobody else may change it by knowing its UID. */
function invitedBefore(target: Mailbox, organizer: Mailbox, content: ItemContent): StoredItem | undefined {
  const known = meetingIn(target, content);
  return known && known.content.others.has('Organizer') && isOrganizer(organizer, known.content) ? known : undefined;
}

function guests(organization: Organization, mailbox: Mailbox, content: ItemContent): ReadonlySet<Mailbox> {
  const invited = attendeesOf(content).flatMap((address) => organization.recipients(address));
  return new Set(invited.filter((guest) => guest !== mailbox));
}

function message(
  mailbox: Mailbox,
  meeting: ItemContent,
  kind: 'MeetingRequest' | 'MeetingResponse' | 'MeetingCancellation',
  itemClass: string,
  subject: string,
): ItemContent {
  const self: Correspondent = { name: mailbox.displayName, address: mailbox.address };
  const to = attendeesOf(meeting).map((address) => ({ name: address, address }));
  return {
    ...meeting,
    kind,
    itemClass,
    subject,
    from: self,
    sender: self,
    to,
    extendedProperties: [],
    mime: undefined,
    internetMessageId: `<${randomUUID().replaceAll('-', '')}@${mailbox.address.replace(/^.*@/, '')}>`,
    others: new Map([...meeting.others].filter(([name]) => TOLD.has(name))),
  };
}

function deliver(organization: Organization, sender: Mailbox, target: Mailbox, content: ItemContent): void {
  const at = organization.now();
  target.add({ ...arrival(organization, content), folder: 'inbox', isRead: false, isFromMe: false });
  const { internetMessageId = '' } = content;
  organization.mail.record({
    mailbox: sender.address,
    content,
    internetMessageId,
    at,
    deliveredTo: [target.address],
  });
}

function arrival(organization: Organization, content: ItemContent) {
  return { content, at: organization.now(), isDraft: false, isRead: true, isSent: true, isReceived: true };
}

function withOthers(content: ItemContent, elements: readonly XmlElement[]): ItemContent {
  const others = new Map([...content.others, ...elements.map((each) => [each.name, each] as const)]);
  return { ...content, others };
}

/** The organizer's list of attendees with the answer of one of them. */
function tracked(content: ItemContent, guest: Mailbox, answer: MeetingAnswer): ItemContent {
  const lists = ATTENDEE_LISTS.flatMap((name) => {
    const list = content.others.get(name);
    if (!list) return [];
    const children = list.children.map((attendee) => {
      const address = childText(child(attendee, 'Mailbox'), 'EmailAddress') ?? '';
      if (!guest.isAddressedBy(address)) return attendee;
      const others = attendee.children.filter((part) => part.name === 'Mailbox');
      return { ...attendee, children: [...others, madeElement('ResponseType', answer)] };
    });
    return [{ ...list, children }];
  });
  return withOthers(content, lists);
}

function person({ displayName, address }: Mailbox): XmlElement {
  return madeElement('Mailbox', '', [
    madeElement('Name', displayName),
    madeElement('EmailAddress', address),
    madeElement('RoutingType', 'SMTP'),
  ]);
}
