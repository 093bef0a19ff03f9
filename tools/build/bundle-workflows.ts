import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

/** Bundles the workflows once, beside the compiled program, so that no start pays for it. */
const source = fileURLToPath(new URL('../../workflows/index.js', import.meta.url));
const target = fileURLToPath(new URL('../../workflow-bundle.js', import.meta.url));
const { code } = await bundleWorkflowCode({ workflowsPath: source });
await mkdir(dirname(target), { recursive: true });
await writeFile(target, code);
