/** The configuration reference as Markdown, generated from the schema for docs/operations.md. */
import { type ConfigKey, configKeys, type SchemaNode } from './config.js';

/** One table row for each key: name, variable, type with its limits, default, meaning. */
export function configReference(): string {
  const rows = configKeys().flatMap((entry) => [keyRow(entry), ...itemRows(entry)]);
  return ['| Key | Variable | Value | Default | Meaning |', '|---|---|---|---|---|', ...rows].join('\n');
}

function keyRow({ key, env, schema }: ConfigKey): string {
  const fallback = `\`${JSON.stringify(schema.default)}\``;
  return `| \`${key}\` | \`${env}\` | ${valuesOf(schema)} | ${fallback} | ${schema.description ?? ''} |`;
}

function itemRows({ key, schema }: ConfigKey): string[] {
  return Object.entries(schema.items?.properties ?? {}).map(([name, item]) => {
    const fallback = item.default === undefined ? 'required' : `\`${JSON.stringify(item.default)}\``;
    return `| \`${key}[].${name}\` | | ${valuesOf(item)} | ${fallback} | ${item.description ?? ''} |`;
  });
}

function valuesOf(schema: SchemaNode): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'array')
    return schema.items?.properties ? 'list of objects' : `list of ${schema.items?.type}s`;
  if (schema.type === 'string') return 'text';
  if (schema.type === 'boolean') return 'true, false';
  return `${schema.minimum} to ${schema.maximum}`;
}
