import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { repositoryRoot } from '../../support/repository.js';

interface Service {
  readonly image: string;
  readonly deploy: { readonly replicas: number };
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly env_file?: readonly string[];
  readonly volumes?: readonly string[];
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const strings = { type: 'array', items: { type: 'string' } } as const;

/**
 * What this repository demands of a compose file: the shapes of the compose specification where a
 * mistake would cost something, and our own rules (one replica, ports on the loopback address,
 * images by an exact version).
 */
const SERVICE = {
  type: 'object',
  required: ['image', 'deploy'],
  additionalProperties: false,
  properties: {
    image: { type: 'string', pattern: '^[a-z0-9./-]+:[0-9]+\\.[0-9]+[a-z0-9.-]*$' },
    build: {
      type: 'object',
      required: ['context', 'dockerfile'],
      additionalProperties: false,
      properties: { context: { const: '.' }, dockerfile: { type: 'string' } },
    },
    restart: { type: 'string', pattern: '^(unless-stopped|on-failure:[0-9]+)$' },
    deploy: {
      type: 'object',
      required: ['replicas'],
      additionalProperties: false,
      properties: { replicas: { const: 1 } },
    },
    depends_on: {
      type: 'object',
      additionalProperties: {
        type: 'object',
        required: ['condition'],
        additionalProperties: false,
        properties: {
          condition: { enum: ['service_healthy', 'service_completed_successfully'] },
        },
      },
    },
    environment: { type: 'object', additionalProperties: { type: 'string' } },
    env_file: strings,
    volumes: { type: 'array', items: { type: 'string', pattern: '^[^:]+:/[^:]+(:ro)?$' } },
    ports: {
      type: 'array',
      items: { type: 'string', pattern: '^127\\.0\\.0\\.1:[0-9]+:[0-9]+$' },
    },
    healthcheck: {
      type: 'object',
      required: ['test', 'interval', 'timeout', 'retries'],
      additionalProperties: false,
      properties: {
        test: strings,
        interval: { type: 'string' },
        timeout: { type: 'string' },
        retries: { type: 'integer', minimum: 1 },
        start_period: { type: 'string' },
      },
    },
    command: strings,
    entrypoint: strings,
    stop_grace_period: { type: 'string', pattern: '^[0-9]+s$' },
    init: { type: 'boolean' },
    read_only: { type: 'boolean' },
    tmpfs: strings,
    cap_drop: strings,
    security_opt: strings,
  },
} as const;

const SCHEMA = {
  type: 'object',
  required: ['name', 'services', 'volumes'],
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    services: { type: 'object', additionalProperties: SERVICE },
    volumes: { type: 'object', additionalProperties: { type: 'null' } },
  },
} as const;

const validate = new Ajv({ allErrors: true }).compile(SCHEMA);
const text = readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8');
const compose = parse(text) as Compose;
const services = Object.entries(compose.services);

function literalSecrets(environment: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(environment)
    .filter(([name]) => /PASS|PWD|SECRET|KEY|TOKEN/.test(name))
    .filter(([, value]) => !/^\$\{[A-Z_]+:\?[^}]+\}$/.test(value))
    .map(([name]) => name);
}

function problems(candidate: unknown): readonly string[] {
  validate(candidate);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('docker-compose.yml', () => {
  it('shape: known keys, exact images, one replica, loopback ports', () => {
    expect(problems(compose)).toEqual([]);
  });

  it.each(services)('%s: no literal secret', (_name, { environment = {} }) => {
    expect(literalSecrets(environment)).toEqual([]);
  });

  it.each(services)('%s: every dependency and named volume exists', (_name, service) => {
    const { volumes = [], depends_on: needs = {} } = service as Service & {
      readonly depends_on?: Readonly<Record<string, unknown>>;
    };
    for (const needed of Object.keys(needs)) {
      expect(Object.keys(compose.services)).toContain(needed);
    }
    for (const source of volumes.map((volume) => volume.split(':')[0] ?? '')) {
      const known = source.startsWith('./')
        ? existsSync(join(repositoryRoot, source))
        : Object.keys(compose.volumes).includes(source);
      expect([source, known]).toEqual([source, true]);
    }
  });

  it('ordinis: keys come from a file that git ignores, the books from a volume', () => {
    const ignored = readFileSync(join(repositoryRoot, '.gitignore'), 'utf8');
    expect(compose.services['ordinis']?.env_file).toEqual(['deploy/ordinis.env']);
    expect(ignored).toContain('/deploy/*.env');
    expect(compose.services['ordinis']?.volumes).toEqual(['ordinis:/data']);
  });
});

describe('the compose rules', () => {
  const service = { image: 'postgres:16.10', deploy: { replicas: 1 } };
  const file = (over: object) => ({
    name: 'planted',
    services: { planted: { ...service, ...over } },
    volumes: {},
  });

  it.each([
    ['a port on every address', { ports: ['7233:7233'] }, '/ports/0'],
    ['an image without an exact version', { image: 'postgres:latest' }, '/image'],
    ['an image without a version', { image: 'postgres' }, '/image'],
    ['two replicas', { deploy: { replicas: 2 } }, '/replicas'],
    ['a misspelt key', { enviroment: {} }, 'additional properties'],
    ['a privileged container', { privileged: true }, 'additional properties'],
  ])('%s → found', (_what, over, expected) => {
    expect(problems(file(over))).toEqual([expect.stringContaining(expected)]);
  });

  it('a literal password → found', () => {
    expect(literalSecrets({ POSTGRES_PASSWORD: 'temporal', POSTGRES_PWD: '${A:?b}' })).toEqual([
      'POSTGRES_PASSWORD',
    ]);
  });
});
