import { EwsError } from '../soap/ews-error.ts';
import type { ResponseMessage } from '../soap/envelope.ts';
import { responseText } from '../soap/response-texts.ts';
import type { XmlElement } from '../xml/read.ts';
import type { Operation, OperationContext } from './operation.ts';

/**
 * Runs an operation part by part.
 *
 * @param refusal what a fault rule wants every part to be answered with
 */
export function perform(
  operation: Operation,
  request: XmlElement,
  context: OperationContext,
  refusal: EwsError | undefined,
): readonly ResponseMessage[] {
  return operation.parts(request).map((part) => {
    try {
      if (refusal) throw refusal;
      const { content, warning } = operation.answer(part, request, context);
      return {
        responseClass: warning === undefined ? 'Success' : 'Warning',
        code: warning ?? 'NoError',
        text: warning === undefined ? undefined : responseText(warning),
        values: {},
        content,
      };
    } catch (error) {
      if (!(error instanceof EwsError) || error.place === 'fault') throw error;
      const { code, message: text, values } = error;
      return { responseClass: 'Error', code, text, values, content: operation.onError };
    }
  });
}
