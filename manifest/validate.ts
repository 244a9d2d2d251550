import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import draft04 from 'ajv-draft-04';
import { manifestVersion } from './manifest.ts';

/**
 * Checks a manifest against Microsoft's own schema, which the package @microsoft/app-manifest carries as a file.
 * Returns what is wrong, a line each; empty when it is right.
 */
export function manifestProblems(manifest: unknown): string[] {
  const address = `@microsoft/app-manifest/build/json-schemas/teams/v${manifestVersion}/MicrosoftTeams.schema.json`;
  const schema = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve(address)), 'utf8')) as object;
  // Not strict: the schema has keywords that ajv does not know (`description` beside `$ref` and the like).
  const ajv = new draft04.default({
    strict: false,
    allErrors: true,
    formats: { uri: (text: string) => URL.canParse(text) },
  });
  if (ajv.validate(schema, manifest)) return [];
  return (ajv.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = (params as Readonly<Record<string, unknown>>)['additionalProperty'];
    return `${instancePath || '/'} ${message ?? 'is wrong'}${typeof extra === 'string' ? `: ${extra}` : ''}`;
  });
}
