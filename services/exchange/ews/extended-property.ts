import type { ExtendedPropertyDefinition, EwsServiceXmlWriter, MapiPropertyType } from 'ews-javascript-api';

type Names = Readonly<Record<number, string>>;

/**
 * ews-javascript-api writes an extended property with `util.isNullOrUndefined`, which Node 23 removed: every request
 * that names one ends with "isNullOrUndefined is not a function" before it is sent (0.15.3,
 * PropertyDefinitions/ExtendedPropertyDefinition.js). This is that method again, for named properties of a property set.
 */
export function patchExtendedProperty(
  prototype: ExtendedPropertyDefinition,
  mapiTypes: Record<keyof typeof MapiPropertyType, number>,
): void {
  const mapiTypeNames: Names = Object.fromEntries(Object.entries(mapiTypes).map(([name, value]) => [value, name]));
  Object.assign(prototype, {
    WriteAttributesToXml(this: ExtendedPropertyDefinition, writer: EwsServiceXmlWriter): void {
      writer.WriteAttributeValue('PropertySetId', this.PropertySetId.ToString());
      writer.WriteAttributeValue('PropertyName', this.Name);
      writer.WriteAttributeValue('PropertyType', mapiTypeNames[this.MapiType]);
    },
  });
}
