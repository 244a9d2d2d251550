import type { Activity } from 'botbuilder';

export const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
export const adaId = '0d2c1e5a-6f7b-4c8d-9e0f-1a2b3c4d5e6f';

/** A message in a personal chat, as Teams sends it (learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability). */
export function personalMessage(changes: Record<string, unknown> = {}): Activity {
  const activity: unknown = {
    type: 'message',
    id: '1485983408511',
    timestamp: '2026-11-24T18:50:45.123Z',
    localTimestamp: '2026-11-24T19:50:45.123+01:00',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/amer/',
    from: {
      id: '29:1XJKJMvc5GBtc2JwZq0oj8tHZmzrQgFmB39ATiQWA85gQtHieVkKilBZ9XHoq9j7Zaqt7CZ',
      name: 'Ada',
      aadObjectId: adaId,
    },
    conversation: { conversationType: 'personal', tenantId, id: 'a:17I0kl9EkpE1O9PH5TWrzrLNwnWWcfrU' },
    recipient: { id: '28:c9e8c047-2a74-40a2-b28a-b162d5f5327c', name: 'Mailroom' },
    textFormat: 'plain',
    locale: 'en-US',
    text: 'help',
    entities: [{ type: 'clientInfo', locale: 'en-US', country: 'US', platform: 'Windows' }],
    channelData: { tenant: { id: tenantId } },
    ...changes,
  };
  return activity as Activity;
}
