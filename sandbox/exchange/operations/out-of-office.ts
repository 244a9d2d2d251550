import { responseMessage, type ResponseMessage } from '../soap/envelope.ts';
import { EwsError, ewsMessageError } from '../soap/ews-error.ts';
import { GET_USER_OOF_SETTINGS, SET_USER_OOF_SETTINGS } from '../soap/service-shapes.ts';
import { copyXml } from '../xml/copy.ts';
import { child, childText, type XmlElement } from '../xml/read.ts';
import { element, textElement, type XmlNode } from '../xml/write.ts';
import type { OperationContext, WholeAnswer, WholeOperation } from './operation.ts';
import type { Mailbox } from '../mailbox/mailbox.ts';

/** Nobody is out of office until somebody says so. */
export const getUserOofSettings: WholeOperation = {
  shape: GET_USER_OOF_SETTINGS,
  responseName: 'm:GetUserOofSettingsResponse',
  respond: (request, context, refusal) =>
    reported(refusal, () => {
      const { oofSettings } = ownMailbox(request, context);
      const reply = (name: string): XmlNode => {
        const text = childText(child(oofSettings, name), 'Message') ?? '';
        return element(`t:${name}`, {}, textElement('t:Message', text));
      };
      const duration = child(oofSettings, 'Duration');
      const settings = [
        textElement('t:OofState', childText(oofSettings, 'OofState') ?? 'Disabled'),
        textElement('t:ExternalAudience', childText(oofSettings, 'ExternalAudience') ?? 'All'),
        duration && copyXml(duration),
        reply('InternalReply'),
        reply('ExternalReply'),
      ];
      return [element('t:OofSettings', {}, ...settings), textElement('m:AllowExternalOof', 'All')];
    }),
};

export const setUserOofSettings: WholeOperation = {
  shape: SET_USER_OOF_SETTINGS,
  responseName: 'm:SetUserOofSettingsResponse',
  respond: (request, context, refusal) =>
    reported(refusal, () => {
      ownMailbox(request, context).oofSettings = child(request, 'UserOofSettings');
      return [];
    }),
};

/** Only one's own: for anybody else impersonation is the way. */
function ownMailbox(request: XmlElement, { mailbox }: OperationContext): Mailbox {
  const address = childText(child(request, 'Mailbox'), 'Address') ?? '';
  if (!mailbox.isAddressedBy(address)) throw ewsMessageError('ErrorAccessDenied');
  return mailbox;
}

function reported(refusal: EwsError | undefined, answer: () => readonly XmlNode[]): WholeAnswer {
  try {
    if (refusal) throw refusal;
    const content = answer();
    return { content: [responseMessage('m:ResponseMessage', SUCCESS), ...content], code: SUCCESS.code };
  } catch (error) {
    if (!(error instanceof EwsError) || error.place === 'fault') throw error;
    return { content: [responseMessage('m:ResponseMessage', failure(error))], code: error.code };
  }
}

export const SUCCESS: ResponseMessage = {
  responseClass: 'Success',
  code: 'NoError',
  text: undefined,
  values: {},
  content: [],
};

export function failure({ code, message, values }: EwsError): ResponseMessage {
  return { responseClass: 'Error', code, text: message, values, content: [] };
}
