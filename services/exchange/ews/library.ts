import type * as EwsLibrary from 'ews-javascript-api';
import { patchExtendedProperty } from './extended-property.ts';
import { patchWriter } from './escaping.ts';

export type Library = typeof EwsLibrary;

let loading: Promise<Library> | null = null;

/**
 * Loads ews-javascript-api at the first call (0.3–0.8 s and 60 MB: facts/exchange.md §1.1), patched before anything
 * can use it.
 */
export function loadLibrary(): Promise<Library> {
  loading ??= import('ews-javascript-api').then((library) => {
    patchWriter(library.EwsServiceXmlWriter.prototype);
    patchExtendedProperty(library.ExtendedPropertyDefinition.prototype, library.MapiPropertyType);
    library.EwsLogging.DebugLogEnabled = false;
    return library;
  });
  return loading;
}
