import {
  BotFrameworkAuthentication,
  ClaimsIdentity,
  type AuthenticateRequestResult,
  type ConnectorFactory,
  type UserTokenClient,
} from 'botframework-connector';
import { describe, expect, test } from 'vitest';
import { ChannelAuthentication } from '../../bot/channel-authentication.ts';
import { personalMessage } from './activity-samples.ts';

const rules = { issuer: 'https://api.botframework.com', appId: '3a11f00a-0000-4b07-8b07-3a1120030001' };
const good = { iss: rules.issuer, aud: rules.appId, serviceurl: personalMessage().serviceUrl };
const connectors = {} as ConnectorFactory;

/** An SDK that lets everything pass and says that the token held these claims. */
class Gullible extends BotFrameworkAuthentication {
  readonly #claims: Record<string, string>;
  readonly #authenticated: boolean;
  userTokenClients = 0;

  constructor(claims: Record<string, string>, authenticated = true) {
    super();
    this.#claims = claims;
    this.#authenticated = authenticated;
  }

  override authenticateRequest(): Promise<AuthenticateRequestResult> {
    const claims = Object.entries(this.#claims).map(([type, value]) => ({ type, value }));
    return Promise.resolve({
      claimsIdentity: new ClaimsIdentity(claims, this.#authenticated),
      audience: '',
      callerId: '',
    });
  }

  override authenticateStreamingRequest(): Promise<AuthenticateRequestResult> {
    return this.authenticateRequest();
  }

  override createConnectorFactory(): ConnectorFactory {
    return connectors;
  }

  override createUserTokenClient(): Promise<UserTokenClient> {
    this.userTokenClients += 1;
    return Promise.resolve({} as UserTokenClient);
  }
}

const header = `Bearer e30.${Buffer.from(JSON.stringify(good)).toString('base64url')}.c2ln`;

describe('whatever path the SDK took, the verified claims must be those of the channel', () => {
  test('good ones pass, with our own connector', async () => {
    const authentication = new ChannelAuthentication(new Gullible(good), rules, connectors);
    const result = await authentication.authenticateRequest(personalMessage(), header);
    expect(result.connectorFactory).toBe(connectors);
  });

  test.each([
    ['another issuer', new Gullible({ ...good, iss: 'https://sts.windows.net/x/' })],
    ['another audience', new Gullible({ ...good, aud: 'other' })],
    ['another service address', new Gullible({ ...good, serviceurl: 'https://evil.test/' })],
    ['no claims', new Gullible({})],
    ['an identity that is not authenticated', new Gullible(good, false)],
  ])('%s is refused', async (_name, inner) => {
    const authentication = new ChannelAuthentication(inner, rules, connectors);
    await expect(authentication.authenticateRequest(personalMessage(), header)).rejects.toMatchObject({
      statusCode: 401,
    });
  });
});

test('streaming and skills are not served', async () => {
  const authentication = new ChannelAuthentication(new Gullible(good), rules, connectors);
  await expect(authentication.authenticateStreamingRequest()).rejects.toMatchObject({ statusCode: 401 });
  await expect(authentication.authenticateChannelRequest()).rejects.toMatchObject({ statusCode: 401 });
});

test('one client for user tokens serves all turns', async () => {
  const inner = new Gullible(good);
  const authentication = new ChannelAuthentication(inner, rules, connectors);
  const identity = new ClaimsIdentity([], true);
  await Promise.all([authentication.createUserTokenClient(identity), authentication.createUserTokenClient(identity)]);
  expect(inner.userTokenClients).toBe(1);
});
