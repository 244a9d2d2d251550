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

export const createAttachment = (item: string, attachments: string): string =>
  `<m:CreateAttachment>${item.replace('t:ItemId', 'm:ParentItemId')}<m:Attachments>${attachments}</m:Attachments></m:CreateAttachment>`;

export const fileAttachment = (name: string, content: string, more = ''): string =>
  `<t:FileAttachment><t:Name>${name}</t:Name>${more}<t:Content>${Buffer.from(content).toString('base64')}</t:Content></t:FileAttachment>`;

export const itemAttachment = (name: string, item: string): string =>
  `<t:ItemAttachment><t:Name>${name}</t:Name>${item}</t:ItemAttachment>`;

const attachmentIds = (ids: readonly string[]): string =>
  `<m:AttachmentIds>${ids.map((id) => `<t:AttachmentId Id="${id}"/>`).join('')}</m:AttachmentIds>`;

export const getAttachment = (ids: readonly string[], shape = ''): string =>
  `<m:GetAttachment>${shape === '' ? '' : `<m:AttachmentShape>${shape}</m:AttachmentShape>`}${attachmentIds(ids)}</m:GetAttachment>`;

export const deleteAttachment = (ids: readonly string[]): string =>
  `<m:DeleteAttachment>${attachmentIds(ids)}</m:DeleteAttachment>`;

/** An answer to another item: a reply, a forwarding, an answer to an invitation. */
export const respond = (
  name: string,
  item: string,
  { before = '', after = '', disposition = 'SendAndSaveCopy' } = {},
): string =>
  `<m:CreateItem MessageDisposition="${disposition}"><m:Items><t:${name}>${before}${item.replace('t:ItemId', 't:ReferenceItemId')}${after}</t:${name}></m:Items></m:CreateItem>`;

const attendee = (address: string): string =>
  `<t:Attendee><t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:Attendee>`;

export const meeting = (subject: string, guests: readonly string[], invitations = 'SendToAllAndSaveCopy'): string =>
  `<m:CreateItem SendMeetingInvitations="${invitations}"><m:Items><t:CalendarItem><t:Subject>${subject}</t:Subject><t:Start>2026-12-01T10:00:00Z</t:Start><t:End>2026-12-01T11:30:00Z</t:End><t:RequiredAttendees>${guests.map(attendee).join('')}</t:RequiredAttendees></t:CalendarItem></m:Items></m:CreateItem>`;

/** A series that begins on Tuesday, 1 December 2026, at ten; `limit` comes after the StartDate of its range. */
export const series = (pattern: string, range: string, limit = ''): string =>
  appointment(
    'series',
    '2026-12-01T10:00:00Z',
    '2026-12-01T11:00:00Z',
    `<t:Recurrence>${pattern}<t:${range}><t:StartDate>2026-12-01</t:StartDate>${limit}</t:${range}></t:Recurrence>`,
  );

export const calendarView = (from: string, until: string): string =>
  `<m:CalendarView StartDate="${from}T00:00:00Z" EndDate="${until}T00:00:00Z"/>`;

export const occurrence = (master: string, index: number): string =>
  `<t:OccurrenceItemId RecurringMasterId="${/Id="([^"]*)"/.exec(master)?.[1]}" InstanceIndex="${index}"/>`;

export const recurringMaster = (id: string): string =>
  `<t:RecurringMasterItemId OccurrenceId="${/Id="([^"]*)"/.exec(id)?.[1]}"/>`;

export const deleteAppointment = (id: string, cancellations = 'SendToNone'): string =>
  `<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="${cancellations}"><m:ItemIds>${id}</m:ItemIds></m:DeleteItem>`;

export const updateFolder = (folder: string, updates: string): string =>
  `<m:UpdateFolder><m:FolderChanges><t:FolderChange>${folder}<t:Updates>${updates}</t:Updates></t:FolderChange></m:FolderChanges></m:UpdateFolder>`;

export const renaming = (displayName: string): string =>
  `<t:SetFolderField><t:FieldURI FieldURI="folder:DisplayName"/><t:Folder><t:DisplayName>${displayName}</t:DisplayName></t:Folder></t:SetFolderField>`;

export const moveFolder = (operation: 'Move' | 'Copy', folder: string, target: string): string =>
  `<m:${operation}Folder><m:ToFolderId>${target}</m:ToFolderId><m:FolderIds>${folder}</m:FolderIds></m:${operation}Folder>`;

export const emptyFolder = (folder: string, how = 'HardDelete', withFolders = false): string =>
  `<m:EmptyFolder DeleteType="${how}" DeleteSubFolders="${withFolders}"><m:FolderIds>${folder}</m:FolderIds></m:EmptyFolder>`;

const ALL_EVENTS = ['CopiedEvent', 'CreatedEvent', 'DeletedEvent', 'ModifiedEvent', 'MovedEvent', 'NewMailEvent'];

/** @param folder nothing for all folders */
export const subscribe = (kind: 'Pull' | 'Streaming', folder?: string, events = ALL_EVENTS, minutes = 10): string =>
  `<m:Subscribe><m:${kind}SubscriptionRequest${folder === undefined ? ' SubscribeToAllFolders="true"' : ''}>${
    folder === undefined ? '' : `<t:FolderIds>${distinguished(folder)}</t:FolderIds>`
  }<t:EventTypes>${events.map((event) => `<t:EventType>${event}</t:EventType>`).join('')}</t:EventTypes>${
    kind === 'Pull' ? `<t:Timeout>${minutes}</t:Timeout>` : ''
  }</m:${kind}SubscriptionRequest></m:Subscribe>`;

export const getEvents = (id: string, watermark: string): string =>
  `<m:GetEvents><m:SubscriptionId>${id}</m:SubscriptionId><m:Watermark>${watermark}</m:Watermark></m:GetEvents>`;

export const getStreamingEvents = (id: string): string =>
  `<m:GetStreamingEvents><m:SubscriptionIds><t:SubscriptionId>${id}</t:SubscriptionId></m:SubscriptionIds><m:ConnectionTimeout>1</m:ConnectionTimeout></m:GetStreamingEvents>`;

export const unsubscribe = (id: string): string =>
  `<m:Unsubscribe><m:SubscriptionId>${id}</m:SubscriptionId></m:Unsubscribe>`;

const mailbox = (element: string, address: string): string =>
  `<m:${element}><t:EmailAddress>${address}</t:EmailAddress></m:${element}>`;

export const getRooms = (list: string): string => `<m:GetRooms>${mailbox('RoomList', list)}</m:GetRooms>`;

export const getDelegate = (address: string, withPermissions = true): string =>
  `<m:GetDelegate IncludePermissions="${withPermissions}">${mailbox('Mailbox', address)}</m:GetDelegate>`;

const USER = '<t:UserId><t:PrimarySmtpAddress>user9@contoso.test</t:PrimarySmtpAddress></t:UserId>';

/** The three operations that change who may open a mailbox. */
export const changeDelegates = (address: string): string[] => [
  `<m:AddDelegate>${mailbox('Mailbox', address)}<m:DelegateUsers><t:DelegateUser>${USER}</t:DelegateUser></m:DelegateUsers></m:AddDelegate>`,
  `<m:UpdateDelegate>${mailbox('Mailbox', address)}<m:DelegateUsers><t:DelegateUser>${USER}</t:DelegateUser></m:DelegateUsers></m:UpdateDelegate>`,
  `<m:RemoveDelegate>${mailbox('Mailbox', address)}<m:UserIds>${USER}</m:UserIds></m:RemoveDelegate>`,
];

export const getMailTips = (addresses: readonly string[]): string =>
  `<m:GetMailTips>${mailbox('SendingAs', addresses[0] ?? '')}<m:Recipients>${addresses
    .map((address) => `<t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox>`)
    .join('')}</m:Recipients><m:MailTipsRequested>All</m:MailTipsRequested></m:GetMailTips>`;

export const markAsJunk = (id: string, isJunk = true, moves = true): string =>
  `<m:MarkAsJunk IsJunk="${isJunk}" MoveItem="${moves}"><m:ItemIds>${id}</m:ItemIds></m:MarkAsJunk>`;

export const archiveItem = (id: string): string =>
  `<m:ArchiveItem><m:ArchiveSourceFolderId>${distinguished('inbox')}</m:ArchiveSourceFolderId><m:ItemIds>${id}</m:ItemIds></m:ArchiveItem>`;

/** The grouping of FindItem; it stands where a view ends. */
export const groupBy = (by: string, on: string, aggregate = 'Maximum', order = 'Descending'): string =>
  `<m:GroupBy Order="${order}"><t:FieldURI FieldURI="${by}"/><t:AggregateOn Aggregate="${aggregate}"><t:FieldURI FieldURI="${on}"/></t:AggregateOn></m:GroupBy>`;

export const BY_CONVERSATION =
  '<m:DistinguishedGroupBy Order="Descending"><t:StandardGroupBy>ConversationTopic</t:StandardGroupBy></m:DistinguishedGroupBy>';
