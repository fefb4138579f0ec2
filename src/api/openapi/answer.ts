/** Answers as XML or JSON: Mobile Push OpenAPI 2015-08-27, "results". */
import { XMLBuilder } from 'fast-xml-parser';
import type { Fields } from './families.js';
import type { GatewayError } from './gateway-errors.js';

export type Format = 'json' | 'xml';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  /** For header `x-acs-retry-after`; 0 for none. */
  readonly retryAfterMs: number;
}

// Both exactly as the cores want them: one refuses other types, one reads an XML error only with
// this spelling.
const CONTENT_TYPES = { json: 'application/json;charset=utf-8', xml: 'text/xml;charset=utf-8' } as const;

const xml = new XMLBuilder({ suppressEmptyNode: false, processEntities: true });
const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>';

/** A success, or a refusal that its API answers with HTTP 200. */
export function successAnswer(format: Format, action: string, requestId: string, fields: Fields): HttpAnswer {
  return render(format, 200, `${action}Response`, { RequestId: requestId, ...fields }, 0);
}

/** The error envelope. */
export function errorAnswer(
  format: Format,
  requestId: string,
  hostId: string,
  error: GatewayError,
): HttpAnswer {
  const fields = { RequestId: requestId, HostId: hostId, Code: error.code, Message: error.message };
  return render(format, error.status, 'Error', fields, error.retryAfterMs);
}

function render(
  format: Format,
  status: number,
  root: string,
  fields: Fields,
  retryAfterMs: number,
): HttpAnswer {
  const body =
    format === 'json' ? JSON.stringify(fields) : XML_HEAD + xml.build({ [root]: xmlValue(fields) });
  return { status, contentType: CONTENT_TYPES[format], body, retryAfterMs };
}

/** Characters that XML 1.0 cannot hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/**
 * Values only: the builder escapes those. Names come from our own code, except in no answer.
 * Absent fields are left out; a list repeats its element.
 */
function xmlValue(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(NOT_XML, '\ufffd');
  if (Array.isArray(value)) return value.map(xmlValue);
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
    return Object.fromEntries(entries.map(([name, field]) => [name, xmlValue(field)]));
  }
  return value;
}
