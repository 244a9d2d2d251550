/** Requests of the operations beyond folders and mail, as a client writes them. */

export const distinguished = (name: string, mailbox?: string): string =>
  mailbox === undefined
    ? `<t:DistinguishedFolderId Id="${name}"/>`
    : `<t:DistinguishedFolderId Id="${name}"><t:Mailbox><t:EmailAddress>${mailbox}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>`;

const SHAPE = '<t:BaseShape>AllProperties</t:BaseShape>';

export const syncItems = (folder: string, state = '', max = 512): string =>
  `<m:SyncFolderItems><m:ItemShape>${SHAPE}</m:ItemShape><m:SyncFolderId>${distinguished(folder)}</m:SyncFolderId>${
    state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`
  }<m:MaxChangesReturned>${max}</m:MaxChangesReturned></m:SyncFolderItems>`;

export const syncFolders = (state = '', root = ''): string =>
  `<m:SyncFolderHierarchy><m:FolderShape>${SHAPE}</m:FolderShape>${
    root === '' ? '' : `<m:SyncFolderId>${distinguished(root)}</m:SyncFolderId>`
  }${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}</m:SyncFolderHierarchy>`;

const configurationName = (prefix: 't' | 'm', name: string, folder: string): string =>
  `<${prefix}:UserConfigurationName Name="${name}">${distinguished(folder)}</${prefix}:UserConfigurationName>`;

export const putConfiguration = (
  operation: 'Create' | 'Update',
  name: string,
  data: string,
  folder = 'inbox',
): string =>
  `<m:${operation}UserConfiguration><m:UserConfiguration>${configurationName('t', name, folder)}${data}</m:UserConfiguration></m:${operation}UserConfiguration>`;

export const getConfiguration = (name: string, properties = 'All', folder = 'inbox'): string =>
  `<m:GetUserConfiguration>${configurationName('m', name, folder)}<m:UserConfigurationProperties>${properties}</m:UserConfigurationProperties></m:GetUserConfiguration>`;

export const deleteConfiguration = (name: string, folder = 'inbox'): string =>
  `<m:DeleteUserConfiguration>${configurationName('m', name, folder)}</m:DeleteUserConfiguration>`;

export const dictionary = (key: string, value: string): string =>
  `<t:Dictionary><t:DictionaryEntry><t:DictionaryKey><t:Type>String</t:Type><t:Value>${key}</t:Value></t:DictionaryKey><t:DictionaryValue><t:Type>String</t:Type><t:Value>${value}</t:Value></t:DictionaryValue></t:DictionaryEntry></t:Dictionary>`;

export const updateItem = (id: string, updates: string, attributes = 'MessageDisposition="SaveOnly"'): string =>
  `<m:UpdateItem ConflictResolution="AutoResolve" ${attributes}><m:ItemChanges><t:ItemChange>${id}<t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;

export const setField = (uri: string, property: string, kind = 'Message', how = 'SetItemField'): string =>
  `<t:${how}>${uri.startsWith('<') ? uri : `<t:FieldURI FieldURI="${uri}"/>`}<t:${kind}>${property}</t:${kind}></t:${how}>`;

export const deleteField = (uri: string): string =>
  `<t:DeleteItemField>${uri.startsWith('<') ? uri : `<t:FieldURI FieldURI="${uri}"/>`}</t:DeleteItemField>`;

export const moveItem = (operation: 'Move' | 'Copy', ids: readonly string[], folder: string): string =>
  `<m:${operation}Item><m:ToFolderId>${folder}</m:ToFolderId><m:ItemIds>${ids.join('')}</m:ItemIds></m:${operation}Item>`;

export const createFolder = (parent: string, folders: string): string =>
  `<m:CreateFolder><m:ParentFolderId>${parent}</m:ParentFolderId><m:Folders>${folders}</m:Folders></m:CreateFolder>`;

export const deleteFolder = (folder: string, how = 'HardDelete'): string =>
  `<m:DeleteFolder DeleteType="${how}"><m:FolderIds>${folder}</m:FolderIds></m:DeleteFolder>`;

export const expandDl = (address: string): string =>
  `<m:ExpandDL><m:Mailbox><t:EmailAddress>${address}</t:EmailAddress></m:Mailbox></m:ExpandDL>`;

export const timeZones = (ids: readonly string[] = [], full = false): string =>
  `<m:GetServerTimeZones ReturnFullTimeZoneData="${full}">${
    ids.length === 0 ? '' : `<m:Ids>${ids.map((id) => `<t:Id>${id}</t:Id>`).join('')}</m:Ids>`
  }</m:GetServerTimeZones>`;

const CHANGE =
  '<t:Bias>0</t:Bias><t:Time>02:00:00</t:Time><t:DayOrder>1</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek>';

export const availability = (
  addresses: readonly string[],
  start: string,
  end: string,
  view = 'FreeBusyMerged',
): string =>
  `<m:GetUserAvailabilityRequest><t:TimeZone><t:Bias>0</t:Bias><t:StandardTime>${CHANGE}</t:StandardTime><t:DaylightTime>${CHANGE}</t:DaylightTime></t:TimeZone><m:MailboxDataArray>${addresses
    .map(
      (address) =>
        `<t:MailboxData><t:Email><t:Address>${address}</t:Address></t:Email><t:AttendeeType>Required</t:AttendeeType></t:MailboxData>`,
    )
    .join(
      '',
    )}</m:MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>${start}</t:StartTime><t:EndTime>${end}</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>60</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>${view}</t:RequestedView></t:FreeBusyViewOptions></m:GetUserAvailabilityRequest>`;

export const getOof = (address: string): string =>
  `<m:GetUserOofSettingsRequest><t:Mailbox><t:Address>${address}</t:Address></t:Mailbox></m:GetUserOofSettingsRequest>`;

export const setOof = (address: string, reply: string): string =>
  `<m:SetUserOofSettingsRequest><t:Mailbox><t:Address>${address}</t:Address></t:Mailbox><t:UserOofSettings><t:OofState>Enabled</t:OofState><t:ExternalAudience>None</t:ExternalAudience><t:InternalReply><t:Message>${reply}</t:Message></t:InternalReply></t:UserOofSettings></m:SetUserOofSettingsRequest>`;

export const appointment = (subject: string, start: string, end: string, more = ''): string =>
  `<m:CreateItem SendMeetingInvitations="SendToNone"><m:Items><t:CalendarItem><t:Subject>${subject}</t:Subject><t:Start>${start}</t:Start><t:End>${end}</t:End>${more}</t:CalendarItem></m:Items></m:CreateItem>`;
