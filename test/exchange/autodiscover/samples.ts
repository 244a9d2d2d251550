/** Answers in the shape of the wire (facts/exchange.md §6.2, §6.5; EWS web service reference, Autodiscover). */

export const ewsUrl = 'https://mail.contoso.test/EWS/Exchange.asmx';
export const internalUrl = 'https://ex19-01.corp.contoso.test/EWS/Exchange.asmx';

const soapNamespace = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';

export const soapEnvelope = (userResponse: string, outer = 'NoError'): string =>
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://www.w3.org/2005/08/addressing">' +
  `<s:Header><a:Action s:mustUnderstand="1">${soapNamespace}/Autodiscover/GetUserSettingsResponse</a:Action>` +
  `<h:ServerVersionInfo xmlns:h="${soapNamespace}" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` +
  '<h:MajorVersion>15</h:MajorVersion><h:MinorVersion>2</h:MinorVersion>' +
  '<h:MajorBuildNumber>1544</h:MajorBuildNumber><h:MinorBuildNumber>4</h:MinorBuildNumber>' +
  '<h:Version>Exchange2015</h:Version></h:ServerVersionInfo></s:Header>' +
  `<s:Body><GetUserSettingsResponseMessage xmlns="${soapNamespace}"><Response>` +
  `<ErrorCode>${outer}</ErrorCode><ErrorMessage/><UserResponses>${userResponse}</UserResponses>` +
  '</Response></GetUserSettingsResponseMessage></s:Body></s:Envelope>';

const setting = (name: string, value: string): string =>
  `<UserSetting xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="StringSetting"><Name>${name}</Name><Value>${value}</Value></UserSetting>`;

export const soapFound = (
  settings: Readonly<Record<string, string>> = {
    ExternalEwsUrl: ewsUrl,
    InternalEwsUrl: internalUrl,
    EwsSupportedSchemas: 'Exchange2007, Exchange2010, Exchange2013, Exchange2013_SP1, Exchange2015',
  },
): string =>
  soapEnvelope(
    '<UserResponse><ErrorCode>NoError</ErrorCode><ErrorMessage>No error.</ErrorMessage><RedirectTarget/>' +
      '<UserSettingErrors/><UserSettings>' +
      Object.entries(settings)
        .map(([name, value]) => setting(name, value))
        .join('') +
      '</UserSettings></UserResponse>',
  );

export const soapError = (code: string, target = ''): string =>
  soapEnvelope(
    `<UserResponse><ErrorCode>${code}</ErrorCode><ErrorMessage>text</ErrorMessage>` +
      `<RedirectTarget>${target}</RedirectTarget><UserSettingErrors/><UserSettings/></UserResponse>`,
  );

export const soapFault =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault>' +
  '<faultcode xmlns:a="http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher">a:InternalServiceFault</faultcode>' +
  '<faultstring xml:lang="en-US">The server was unable to process the request.</faultstring></s:Fault></s:Body></s:Envelope>';

const poxOuter = 'http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006';
const poxInner = 'http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a';

export const poxAccount = (inside: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="${poxOuter}"><Response xmlns="${poxInner}">` +
  `<User><DisplayName>Kim</DisplayName></User><Account>${inside}</Account></Response></Autodiscover>`;

export const poxFound = (external = ewsUrl, internal = internalUrl): string =>
  poxAccount(
    '<AccountType>email</AccountType><Action>settings</Action>' +
      `<Protocol><Type>EXCH</Type><ServerVersion>73C28608</ServerVersion><EwsUrl>${internal}</EwsUrl></Protocol>` +
      `<Protocol><Type>EXPR</Type><Server>mail.contoso.test</Server><ASUrl>${external}</ASUrl><EwsUrl>${external}</EwsUrl></Protocol>` +
      '<Protocol><Type>WEB</Type></Protocol>',
  );

export const poxRedirectAddress = (address: string): string =>
  poxAccount(`<Action>redirectAddr</Action><RedirectAddr>${address}</RedirectAddr>`);

export const poxRedirectUrl = (url: string): string =>
  poxAccount(`<Action>redirectUrl</Action><RedirectUrl>${url}</RedirectUrl>`);

export const poxError = (code: string, message = 'text'): string =>
  `<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="${poxOuter}"><Response>` +
  `<Error Time="10:18:44.2" Id="1054084152"><ErrorCode>${code}</ErrorCode><Message>${message}</Message><DebugData/></Error>` +
  '</Response></Autodiscover>';
