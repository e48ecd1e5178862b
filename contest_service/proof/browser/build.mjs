// Bundles a program with esbuild, without any network: node build.mjs MODULES OUTPUT [ENTRY]
//
// MODULES is the folder in which `npm ci` put node_modules. Without ENTRY the output is the page
// `verify.html`, one file; with it, the output is that entry as a program for Node.

import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const [modules, output, entry] = process.argv.slice(2);
const esbuild = createRequire(join(modules, 'package.json'))('esbuild');

async function bundle(entryPoint, options) {
  const built = await esbuild.build({
    entryPoints: [entryPoint],
    absWorkingDir: here,
    nodePaths: [join(modules, 'node_modules')],
    bundle: true,
    write: false,
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    target: 'es2022',
    ...options,
  });
  return built.outputFiles[0].text;
}

const policyHash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

async function page() {
  const worker = await bundle(join(here, 'worker.js'), { format: 'iife' });
  // The worker's source travels as a text, which must not end the script that holds it.
  const define = { WORKER_SOURCE: JSON.stringify(worker) };
  const bundled = await bundle(join(here, 'page', 'main.js'), { format: 'iife', define });
  const script = bundled.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const style = await bundle(join(here, 'page', 'style.css'), {});
  const policy = [
    "default-src 'none'",
    `script-src ${policyHash(script)}`,
    `style-src ${policyHash(style)}`,
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts = { POLICY: policy, STYLE: style, SCRIPT: script };
  const frame = readFileSync(join(here, 'page', 'frame.html'), 'utf8');
  return frame.replace(/@@([A-Z]+)@@/g, (_, name) => parts[name]);
}

writeFileSync(
  output,
  entry ? await bundle(entry, { format: 'esm', platform: 'node' }) : await page(),
);
