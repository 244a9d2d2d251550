import { MESSAGES, TYPES } from '../namespaces.ts';
import type { XmlElement } from '../xml/read.ts';
import { schemaError } from './ews-error.ts';

/**
 * A small schema language for requests: as much of XML Schema as decides whether real Exchange takes a request (order,
 * presence, attribute values). The full schemas stay outside the product; a conformance test holds the two together.
 */
export interface ElementShape {
  readonly attributes?: Readonly<Record<string, AttributeShape>>;
  /** Children in their order. Without it, children are not looked at. */
  readonly sequence?: readonly Slot[];
  /** Allowed text. */
  readonly text?: readonly string[];
}

export interface AttributeShape {
  readonly required?: boolean;
  /** An enumeration, or the name of a simple type. */
  readonly values?: readonly string[] | 'int' | 'boolean';
}

/** A place in a sequence: one of these elements, at least `min` times, once unless `many`. */
export interface Slot {
  readonly prefix: 't' | 'm';
  readonly of: Readonly<Record<string, ElementShape>>;
  readonly min: 0 | 1;
  readonly many?: boolean;
}

const NAMESPACES = { t: TYPES, m: MESSAGES } as const;
const SIMPLE_TYPES = { int: /^\s*[+-]?\d{1,10}\s*$/, boolean: /^\s*(?:true|false|0|1)\s*$/ } as const;

/** Throws the fault ErrorSchemaValidation at the first violation, in the words of the .NET validator. */
export function checkShape(element: XmlElement, shape: ElementShape): void {
  checkAttributes(element, shape.attributes);
  if (shape.text && !shape.text.includes(element.text.trim())) {
    violate(element, `The '${element.name}' element is invalid - ${invalidValue(element.text, 'Enumeration')}`);
  }
  if (shape.sequence) checkChildren(element, shape.sequence);
}

function checkAttributes(element: XmlElement, attributes: ElementShape['attributes']): void {
  if (!attributes) return;
  for (const name of element.attributes.keys()) {
    if (!name.startsWith('{') && !Object.hasOwn(attributes, name)) {
      violate(element, `The '${name}' attribute is not declared.`);
    }
  }
  for (const [name, { required = false, values }] of Object.entries(attributes)) {
    const value = element.attributes.get(name);
    if (value === undefined) {
      if (required) violate(element, `The required attribute '${name}' is missing.`);
    } else if (typeof values === 'string') {
      if (!SIMPLE_TYPES[values].test(value)) {
        violate(element, `The '${name}' attribute is invalid - ${invalidValue(value, values)}`);
      }
    } else if (values && !values.includes(value)) {
      violate(element, `The '${name}' attribute is invalid - ${invalidValue(value, 'Enumeration')}`);
    }
  }
}

function checkChildren(element: XmlElement, sequence: readonly Slot[]): void {
  let place = 0;
  let taken = 0;
  for (const candidate of element.children) {
    let shape: ElementShape | undefined;
    while (place < sequence.length) {
      const slot = sequence[place];
      if (slot && (taken === 0 || slot.many === true)) shape = shapeIn(slot, candidate);
      if (shape) break;
      if (slot && taken < slot.min) violate(candidate, invalidChild(element, candidate, sequence.slice(place)));
      place += 1;
      taken = 0;
    }
    if (!shape) violate(candidate, invalidChild(element, candidate, []));
    taken += 1;
    checkShape(candidate, shape);
  }
  const missing = sequence.slice(place).find((slot, index) => (index === 0 ? taken : 0) < slot.min);
  if (missing) {
    violate(
      element,
      `The element '${element.name}' in namespace '${element.namespace}' has incomplete content. ${expected([missing])}`,
    );
  }
}

function shapeIn(slot: Slot, element: XmlElement): ElementShape | undefined {
  if (element.namespace !== NAMESPACES[slot.prefix]) return undefined;
  return Object.hasOwn(slot.of, element.name) ? slot.of[element.name] : undefined;
}

function invalidChild(parent: XmlElement, element: XmlElement, slots: readonly Slot[]): string {
  const what = `The element '${parent.name}' in namespace '${parent.namespace}' has invalid child element '${element.name}' in namespace '${element.namespace}'.`;
  return slots.length > 0 ? `${what} ${expected(slots)}` : what;
}

/** Names what could have stood there: everything up to and including the first obligatory place. */
function expected(slots: readonly Slot[]): string {
  const first = slots.findIndex((slot) => slot.min === 1);
  const names = slots
    .slice(0, first === -1 ? slots.length : first + 1)
    .flatMap((slot) => Object.keys(slot.of).map((name) => `'${name}' in namespace '${NAMESPACES[slot.prefix]}'`));
  return `List of possible elements expected: ${names.join(', ')}.`;
}

function invalidValue(value: string, type: string): string {
  return `The value '${value}' is invalid according to its datatype '${type}'.`;
}

function violate(element: XmlElement, text: string): never {
  throw schemaError({ line: element.line, column: element.column, text });
}
