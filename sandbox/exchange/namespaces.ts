/**
 * The XML namespaces of Exchange Web Services.
 *
 * Microsoft's documentation repository shows them with `https://` in many samples, the result of a bulk edit. The true
 * ones, in traces and in the schemas a server offers, begin with `http://`.
 */
export const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
export const TYPES = 'http://schemas.microsoft.com/exchange/services/2006/types';
export const MESSAGES = 'http://schemas.microsoft.com/exchange/services/2006/messages';
export const ERRORS = 'http://schemas.microsoft.com/exchange/services/2006/errors';
