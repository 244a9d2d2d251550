import { BOT_FRAMEWORK } from './tokens.ts';

/** The Bot Framework SDK's own settings. As soon as one of them is set, the SDK falls back to no default for the others. */
export interface BotEnvironment {
  MicrosoftAppType: 'SingleTenant';
  MicrosoftAppId: string;
  MicrosoftAppTenantId: string;
  ToChannelFromBotLoginUrl: string;
  ToChannelFromBotOAuthScope: string;
  ToBotFromChannelOpenIdMetadataUrl: string;
  ToBotFromChannelTokenIssuer: string;
  ToBotFromEmulatorOpenIdMetadataUrl: string;
  OAuthUrl: string;
  ValidateAuthority: 'false';
}

/**
 * The address settings of a bot that shall trust the Entra at `url`. The client secret and `NODE_EXTRA_CA_CERTS` are not
 * here: the first is the caller's, the second a file.
 */
export function botEnvironment(entra: { url: string; tenantId: string; clientId: string }): BotEnvironment {
  return {
    MicrosoftAppType: 'SingleTenant',
    MicrosoftAppId: entra.clientId,
    MicrosoftAppTenantId: entra.tenantId,
    ToChannelFromBotLoginUrl: `${entra.url}/${entra.tenantId}`,
    ToChannelFromBotOAuthScope: BOT_FRAMEWORK,
    ToBotFromChannelOpenIdMetadataUrl: `${entra.url}/v1/.well-known/openidconfiguration`,
    ToBotFromChannelTokenIssuer: BOT_FRAMEWORK,
    ToBotFromEmulatorOpenIdMetadataUrl: `${entra.url}/${entra.tenantId}/v2.0/.well-known/openid-configuration`,
    OAuthUrl: entra.url,
    ValidateAuthority: 'false',
  };
}
