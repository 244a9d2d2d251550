import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startExchange, type ExchangeStandIn } from '../../../sandbox/exchange/index.ts';
import { all, call, findItem, getItem, itemIds, texts, type WireAnswer } from './ews-client.ts';
import { availability, deleteAppointment, meeting, respond, setField, updateItem } from './ews-requests.ts';

const ONE = 'user1@contoso.test';
const TWO = 'user2@contoso.test';
const THREE = 'user3@contoso.test';

describe('meetings in the Exchange stand-in', () => {
  let exchange: ExchangeStandIn;
  beforeEach(async () => {
    exchange = await startExchange({ mailboxes: 3 });
  });
  afterEach(() => exchange.close());
  const run = (body: string, as = ONE): Promise<WireAnswer> => call(exchange, body, { as });
  const codes = (answer: WireAnswer): string[] => texts(answer, 'ResponseCode');
  const kinds = (answer: WireAnswer): string[] =>
    all(answer, 'Items').flatMap(({ children }) => children.map(({ name }) => name));
  const inFolder = async (folder: string, as: string): Promise<WireAnswer> => {
    const ids = itemIds(await run(findItem(folder), as));
    return run(getItem(ids), as);
  };
  const invite = async (invitations?: string): Promise<string> =>
    itemIds(await run(meeting('plan', [TWO, THREE], invitations)))[0] ?? '';
  const request = async (as: string): Promise<string> => itemIds(await run(findItem('inbox'), as))[0] ?? '';

  it('invite everybody: a request in the inbox, the meeting in the calendar, not yet answered', async () => {
    const id = await invite();
    const inbox = await inFolder('inbox', TWO);
    expect(kinds(inbox)).toEqual(['MeetingRequest']);
    expect([texts(inbox, 'MeetingRequestType'), texts(inbox, 'ItemClass')]).toEqual([
      ['NewMeetingRequest'],
      ['IPM.Schedule.Meeting.Request'],
    ]);
    const theirs = await inFolder('calendar', TWO);
    const mine = await run(getItem([id]));
    expect(texts(theirs, 'MyResponseType')).toEqual(['NoResponseReceived']);
    expect([texts(mine, 'MyResponseType'), texts(mine, 'IsMeeting'), texts(mine, 'Duration')]).toEqual([
      ['Organizer'],
      ['true'],
      ['PT1H30M'],
    ]);
    expect(texts(theirs, 'UID')).toEqual(texts(mine, 'UID'));
    const [associated] = all(inbox, 'AssociatedCalendarItemId');
    expect(associated?.attributes.get('Id')).toBe(all(theirs, 'ItemId')[0]?.attributes.get('Id'));
    expect(kinds(await inFolder('sentitems', ONE))).toEqual(['MeetingRequest']);
    expect(exchange.mail().map(({ deliveredTo }) => deliveredTo[0])).toEqual([TWO, THREE]);
  });

  it('tell nobody where the request says so, or there is nobody', async () => {
    await invite('SendToNone');
    expect(exchange.mail()).toEqual([]);
    expect(codes(await run(findItem('inbox'), TWO))).toEqual(['NoError']);
    expect(kinds(await run(findItem('inbox'), TWO))).toEqual([]);
  });

  it('are accepted: both calendars show it, the organizer is told, and the request is done with', async () => {
    const id = await invite();
    const answer = await run(respond('AcceptItem', await request(TWO)), TWO);
    expect([codes(answer), kinds(answer)]).toEqual([['NoError'], ['CalendarItem']]);
    expect(texts(await inFolder('calendar', TWO), 'MyResponseType')).toEqual(['Accept']);
    expect(kinds(await run(findItem('inbox'), TWO))).toEqual([]);
    expect(kinds(await run(findItem('deleteditems'), TWO))).toEqual(['MeetingRequest']);
    const reply = await inFolder('inbox', ONE);
    expect([kinds(reply), texts(reply, 'Subject'), texts(reply, 'ResponseType')[0]]).toEqual([
      ['MeetingResponse'],
      ['Accepted: plan'],
      'Accept',
    ]);
    expect(texts(await run(getItem([id])), 'ResponseType')).toEqual(['Accept', 'Unknown']);
    const digits = await run(availability([TWO, THREE], '2026-12-01T10:00:00', '2026-12-01T12:00:00'), TWO);
    expect(texts(digits, 'MergedFreeBusy')).toEqual(['22', '11']);
  });

  it('are declined: they leave the calendar; silently where the answer is only saved', async () => {
    await invite();
    await run(respond('DeclineItem', await request(TWO)), TWO);
    await run(respond('TentativelyAcceptItem', await request(THREE), { disposition: 'SaveOnly' }), THREE);
    expect(kinds(await run(findItem('calendar'), TWO))).toEqual([]);
    expect(texts(await inFolder('calendar', THREE), 'MyResponseType')).toEqual(['Tentative']);
    expect(texts(await run(findItem('inbox')), 'Subject')).toEqual(['Declined: plan']);
  });

  it('are called off: everybody has a notice, and may take the meeting away', async () => {
    const id = await invite();
    expect(
      codes(
        await run(
          respond('CancelCalendarItem', id, { after: '<t:NewBodyContent BodyType="Text">no</t:NewBodyContent>' }),
        ),
      ),
    ).toEqual(['NoError']);
    expect(kinds(await run(findItem('calendar')))).toEqual([]);
    const inbox = await inFolder('inbox', TWO);
    expect(kinds(inbox)).toEqual(['MeetingCancellation', 'MeetingRequest']);
    expect(texts(await inFolder('calendar', TWO), 'IsCancelled')).toEqual(['true']);
    expect(codes(await run(respond('RemoveItem', itemIds(inbox)[0] ?? ''), TWO))).toEqual(['NoError']);
    expect(kinds(await run(findItem('calendar'), TWO))).toEqual([]);
  });

  it('are called off by deleting them, if the request says to tell', async () => {
    const first = await invite();
    await run(deleteAppointment(first));
    expect(exchange.mail().map(({ subject }) => subject)).toEqual(['plan', 'plan']);
    await run(deleteAppointment(await invite(), 'SendOnlyToAll'));
    expect(
      exchange
        .mail()
        .slice(4)
        .map(({ subject }) => subject),
    ).toEqual(['Canceled: plan', 'Canceled: plan']);
    const silent = deleteAppointment(await invite('SendToNone')).replace(' SendMeetingCancellations="SendToNone"', '');
    expect(codes(await run(silent))).toEqual(['ErrorSendMeetingCancellationsRequired']);
  });

  it('are told again when they change, if the request says so', async () => {
    const id = await invite();
    const place = setField('calendar:Location', '<t:Location>there</t:Location>', 'CalendarItem');
    const changing = (how: string): string => updateItem(id, place, `SendMeetingInvitationsOrCancellations="${how}"`);
    await run(changing('SendToNone'));
    expect(texts(await inFolder('calendar', TWO), 'Location')).toEqual([]);
    await run(changing('SendToAllAndSaveCopy'));
    expect(texts(await inFolder('calendar', TWO), 'Location')).toEqual(['there']);
    expect(texts(await inFolder('inbox', TWO), 'MeetingRequestType')).toEqual(['FullUpdate', 'NewMeetingRequest']);
    expect(kinds(await run(findItem('calendar'), TWO))).toEqual(['CalendarItem']);
  });

  it('are nobody’s to change by their UID alone', async () => {
    const id = await invite();
    const uid = texts(await run(getItem([id])), 'UID')[0] ?? '';
    const forged = meeting('forged', [ONE, TWO]).replace('<t:Start>', `<t:UID>${uid}</t:UID><t:Start>`);
    await run(forged, THREE);
    expect(texts(await run(getItem([id])), 'Subject')).toEqual(['plan']);
    expect(texts(await inFolder('calendar', TWO), 'Subject').toSorted()).toEqual(['forged', 'plan']);
  });

  it('are answered by guests alone, and called off by the organizer alone', async () => {
    const id = await invite();
    expect(codes(await run(respond('AcceptItem', id)))).toEqual(['ErrorCalendarIsOrganizerForAccept']);
    const [theirs = ''] = itemIds(await run(findItem('calendar'), TWO));
    expect(codes(await run(respond('CancelCalendarItem', theirs), TWO))).toEqual(['ErrorCalendarIsNotOrganizer']);
    expect(codes(await run(respond('AcceptItem', theirs), THREE))).toEqual(['ErrorItemNotFound']);
  });

  it('end after they begin', async () => {
    const backwards = meeting('x', []).replace('2026-12-01T11:30:00Z', '2026-12-01T09:00:00Z');
    const answer = await run(backwards.replace(/<t:RequiredAttendees>.*<\/t:RequiredAttendees>/, ''));
    expect(codes(answer)).toEqual(['ErrorCalendarEndDateIsEarlierThanStartDate']);
    const nonsense = meeting('x', [TWO]).replace('2026-12-01T10:00:00Z', 'tomorrow');
    expect(codes(await run(nonsense))).toEqual(['ErrorSchemaValidation']);
  });
});
