import { z } from 'zod';
import { choice, secureUrl } from './config-values.ts';

/**
 * Where the Bot Framework's tokens come from and go to. The names are the SDK's own settings
 * (botbuilder-core, configurationBotFrameworkAuthentication); a deployment leaves them alone, the sandbox points them at
 * its stand-ins.
 */
export interface BotFrameworkEndpoints {
  readonly channelOpenIdMetadataUrl: string;
  readonly channelTokenIssuer: string;
  readonly emulatorOpenIdMetadataUrl: string;
  /** Authority of the client-credential requests, with the tenant. */
  readonly loginUrl: string;
  readonly oauthScope: string;
  readonly oauthUrl: string;
  readonly validateAuthority: boolean;
}

const address = secureUrl('must be an https address (http only on this machine)');

export const botFrameworkVariables = {
  ToBotFromChannelOpenIdMetadataUrl: address.optional(),
  ToBotFromChannelTokenIssuer: z.string().optional(),
  ToBotFromEmulatorOpenIdMetadataUrl: address.optional(),
  ToChannelFromBotLoginUrl: address.optional(),
  ToChannelFromBotOAuthScope: z.string().optional(),
  OAuthUrl: address.optional(),
  ValidateAuthority: choice(['true', 'false'], 'must be true or false').default('true'),
};

type Given = z.infer<z.ZodObject<typeof botFrameworkVariables>>;

/**
 * The public cloud's, as in the SDK (botframework-connector, authenticationConstants). Written out here, because loading
 * the SDK takes half a second and a wrong setting is told before that; a test pins them to the SDK's.
 */
const publicCloud = {
  channelOpenIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  channelTokenIssuer: 'https://api.botframework.com',
  emulatorOpenIdMetadataUrl: 'https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration',
  loginUrlPrefix: 'https://login.microsoftonline.com/',
  oauthScope: 'https://api.botframework.com',
  oauthUrl: 'https://api.botframework.com',
};

/**
 * The SDK falls back to no default for the others as soon as one setting is given; here each has its own.
 * The login address has the bot's tenant: the SDK's default, `botframework.com`, is for multi-tenant bots.
 */
export function readBotFramework(given: Given, tenantId: string | null): BotFrameworkEndpoints {
  return {
    channelOpenIdMetadataUrl: given.ToBotFromChannelOpenIdMetadataUrl ?? publicCloud.channelOpenIdMetadataUrl,
    channelTokenIssuer: given.ToBotFromChannelTokenIssuer ?? publicCloud.channelTokenIssuer,
    emulatorOpenIdMetadataUrl: given.ToBotFromEmulatorOpenIdMetadataUrl ?? publicCloud.emulatorOpenIdMetadataUrl,
    loginUrl: given.ToChannelFromBotLoginUrl ?? `${publicCloud.loginUrlPrefix}${tenantId ?? 'botframework.com'}`,
    oauthScope: given.ToChannelFromBotOAuthScope ?? publicCloud.oauthScope,
    oauthUrl: given.OAuthUrl ?? publicCloud.oauthUrl,
    validateAuthority: given.ValidateAuthority === 'true',
  };
}
