import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { AwsError } from '../../aws-error.ts';

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  suppressEmptyNode: false,
});
/** Elements that can be repeated, which are always parsed as lists. */
const LISTS = new Set(
  (
    'Object Part CORSRule AllowedOrigin AllowedMethod AllowedHeader ExposeHeader QueueConfiguration ' +
    'Event FilterRule Rule'
  ).split(' '),
);
const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  // Decodes numeric references too, which some clients use for an ETag's quotes.
  htmlEntities: true,
  // Keys may begin or end with a space.
  trimValues: false,
  isArray: (name) => LISTS.has(name),
});

/** Writes an S3 document. Lists become repeated elements; undefined values are left out. */
export function writeXml(root: string, content: object): string {
  return written({ [root]: { '@xmlns': NAMESPACE, ...content } });
}

/** Formats milliseconds since the epoch as in S3 documents, in whole seconds. */
export function xmlTime(at: number): string {
  return new Date(Math.floor(at / 1000) * 1000).toISOString();
}

export function writeErrorXml(content: object): string {
  return written({ Error: content });
}

/** Parsers read a plain carriage return, which a key may contain, as a line feed. */
function written(content: object): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(content).replaceAll('\r', '&#13;')}`;
}

/**
 * Returns the content of a document's root element.
 * @throws AwsError MalformedXML
 */
export function readXml(text: string, root: string): unknown {
  try {
    const document: unknown = parser.parse(text, true);
    if (typeof document === 'object' && document !== null && root in document) {
      return withoutWhitespace((document as Record<string, unknown>)[root]);
    }
  } catch {
    // Falls through to S3's error for malformed documents.
  }
  throw new AwsError(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

/** Drops the text between elements. An element without children becomes its text. */
function withoutWhitespace(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutWhitespace);
  if (typeof node !== 'object' || node === null) return node;
  const children = Object.entries(node).filter(([name]) => name !== '#text' && !name.startsWith('?'));
  return Object.fromEntries(children.map(([name, child]) => [name, withoutWhitespace(child)]));
}
