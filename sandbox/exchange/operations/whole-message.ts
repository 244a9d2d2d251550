import { responseMessage, type ResponseMessage } from '../soap/envelope.ts';
import { EwsError } from '../soap/ews-error.ts';
import type { XmlNode } from '../xml/write.ts';
import { failure, SUCCESS } from './out-of-office.ts';
import type { WholeAnswer } from './operation.ts';

/**
 * An answer whose element is itself the response message: its class, code and text, then what the operation adds.
 *
 * @param refusal what a fault rule wants the answer to report
 * @param onError what the schema wants even then
 */
export function wholeMessage(
  refusal: EwsError | undefined,
  answer: () => readonly XmlNode[],
  onError: readonly XmlNode[] = [],
): WholeAnswer {
  try {
    if (refusal) throw refusal;
    const content = answer();
    return wholeAnswer({ ...SUCCESS, content });
  } catch (error) {
    if (!(error instanceof EwsError) || error.place === 'fault') throw error;
    return wholeAnswer({ ...failure(error), content: onError });
  }
}

function wholeAnswer(message: ResponseMessage): WholeAnswer {
  const { content } = responseMessage('m:ResponseMessage', message);
  return {
    content: content.filter((part): part is XmlNode => typeof part === 'object'),
    code: message.code,
    responseClass: message.responseClass === 'Success' ? 'Success' : 'Error',
  };
}
