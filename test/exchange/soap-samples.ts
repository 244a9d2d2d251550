/** Recorded wire shapes (facts/exchange.md §6.2, §6.4). */
const types = 'http://schemas.microsoft.com/exchange/services/2006/types';
const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages';
const errors = 'http://schemas.microsoft.com/exchange/services/2006/errors';

/** Declarations of both, for a response element. */
export const namespaces = `xmlns:m="${messages}" xmlns:t="${types}"`;

export const envelope = (body: string, header = ''): string =>
  `<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${header}<s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">${body}</s:Body></s:Envelope>`;

export const versionHeader = `<s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="2" MajorBuildNumber="2562" MinorBuildNumber="17" Version="V2017_07_11" xmlns:h="${types}" xmlns="${types}"/></s:Header>`;

export const findFolderAnswer = envelope(
  `<m:FindFolderResponse xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages><m:FindFolderResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:RootFolder TotalItemsInView="0" IncludesLastItemInRange="true"><t:Folders/></m:RootFolder></m:FindFolderResponseMessage></m:ResponseMessages></m:FindFolderResponse>`,
  versionHeader,
);

export function errorMessage(code: string, values: Readonly<Record<string, string>> = {}): string {
  const listed = Object.entries(values).map(([name, value]) => `<t:Value Name="${name}">${value}</t:Value>`);
  const xml = listed.length === 0 ? '' : `<m:MessageXml>${listed.join('')}</m:MessageXml>`;
  return envelope(
    `<m:GetFolderResponse xmlns:m="${messages}" xmlns:t="${types}"><m:ResponseMessages><m:GetFolderResponseMessage ResponseClass="Error"><m:MessageText>Text.</m:MessageText><m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${xml}<m:Folders/></m:GetFolderResponseMessage></m:ResponseMessages></m:GetFolderResponse>`,
    versionHeader,
  );
}

export function soapFault(code: string, values: Readonly<Record<string, string>> = {}): string {
  const listed = Object.entries(values).map(([name, value]) => `<t:Value Name="${name}">${value}</t:Value>`);
  const xml = listed.length === 0 ? '' : `<t:MessageXml xmlns:t="${types}">${listed.join('')}</t:MessageXml>`;
  return envelope(
    `<s:Fault><faultcode xmlns:a="${types}">a:${code}</faultcode><faultstring xml:lang="en-US">Text.</faultstring><detail><e:ResponseCode xmlns:e="${errors}">${code}</e:ResponseCode><e:Message xmlns:e="${errors}">Text.</e:Message>${xml}</detail></s:Fault>`,
  );
}

/** A fault as other servers write it: no prefix, no detail. */
export const bareFault = envelope(
  '<s:Fault><faultcode>ErrorServerBusy</faultcode><faultstring>busy</faultstring></s:Fault>',
);
