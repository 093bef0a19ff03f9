import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { repositoryRoot } from '../support/repository.js';

/** The OpenAPI documents of the broker, where this machine has them. */
const FILES = ['trading-api.json', 'market-data-api.json'] as const;

type Json = Readonly<Record<string, unknown>>;

export interface ApiDocuments {
  /**
   * What is wrong with an answer; null when it fits, `unknown` when the documents do not describe
   * it.
   */
  fault(answer: Answer): string | null;
}

export interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: unknown;
}

/** Opens the documents beside the repository, or says that there are none. */
export function openApiDocuments(): ApiDocuments | { readonly missing: string } {
  const folder = resolve(
    process.env['ORDINIS_TEST_SPECS'] ?? join(repositoryRoot, '../shared/specs'),
  );
  const paths = FILES.map((file) => join(folder, file));
  if (!paths.every((path) => existsSync(path))) {
    return { missing: `no API documents: expected ${FILES.join(' and ')} in ../shared/specs` };
  }
  const documents = paths.map((path) => openDocument(path));
  return {
    fault: (answer) => {
      for (const find of documents) {
        const validate = find(answer);
        if (validate === null) continue;
        return validate(answer.body) ? null : JSON.stringify(validate.errors?.slice(0, 3));
      }
      return 'unknown';
    },
  };
}

type FindValidator = (answer: Answer) => ValidateFunction | null;

function openDocument(path: string): FindValidator {
  const document = JSON.parse(readFileSync(path, 'utf8')) as Json;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  (addFormats as unknown as (ajv: Ajv) => void)(ajv);
  for (const format of ['decimal', 'uint32', 'uint64']) ajv.addFormat(format, true);
  ajv.addSchema(nullable(document) as Json, 'document');
  const templates = Object.keys(document['paths'] as Json);
  const compiled = new Map<string, ValidateFunction | null>();
  return ({ method, path: asked, status }) => {
    // A literal path wins over a template, as the documents mean it.
    const isLiteral = templates.includes(asked);
    const template = isLiteral ? asked : templates.find((one) => matches(one, asked));
    if (template === undefined) return null;
    const key = `${template} ${method} ${status}`;
    const known = compiled.get(key);
    if (known !== undefined) return known;
    const found = compile(ajv, document, [template, method.toLowerCase(), String(status)]);
    compiled.set(key, found);
    return found;
  };
}

function compile(ajv: Ajv, document: Json, steps: readonly string[]): ValidateFunction | null {
  const [template = '', method = '', status = ''] = steps;
  const trail = ['paths', template, method, 'responses', status, 'content', 'application/json'];
  const content = trail.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined),
    document,
  );
  if (content === undefined) return null;
  const pointer = [...trail, 'schema'].map((part) =>
    encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')),
  );
  return ajv.compile({ $ref: `document#/${pointer.join('/')}` });
}

function matches(template: string, path: string): boolean {
  const pattern = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}

/** OpenAPI 3.0 says `nullable`, JSON Schema says a type or an enum with null. */
function nullable(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(nullable);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, nullable(value)] as const);
  const copy = Object.fromEntries(entries);
  // Alternatives of the documents overlap, so exactly one of them is more than they can mean.
  if (copy['oneOf'] !== undefined) {
    const { oneOf, ...others } = copy;
    return nullable({ ...others, anyOf: oneOf });
  }
  if (copy['nullable'] !== true) return copy;
  const { nullable: _said, ...rest } = copy;
  return { anyOf: [rest, { type: 'null' }] };
}
