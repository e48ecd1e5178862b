// Builds what pages are made of, without any network: node build.mjs MODULES OUTPUT
//
// MODULES is the folder in which `npm ci` put node_modules. OUTPUT becomes a folder with every file
// under a name that holds its content's hash, packed copies beside it, and manifest.json, which
// names them by their sources.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import { darkByPreference } from './dark.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [modules, output] = process.argv.slice(2);
const esbuild = createRequire(join(modules, 'package.json'))('esbuild');

/** The letters of pictures that the server draws; nobody's browser asks for them. */
const FONTS = ['400Regular/NotoSans_400Regular.ttf', '700Bold/NotoSans_700Bold.ttf'];

// Every file in scripts/ and styles/ that is not a part (_name) is one bundle; pictures are copied.
const entries = ['scripts', 'styles'].flatMap((folder) =>
  readdirSync(join(here, folder))
    .filter((name) => /\.(js|css)$/.test(name) && !name.startsWith('_'))
    .sort()
    .map((name) => join(here, folder, name)),
);

const darkness = {
  name: 'dark by preference',
  setup(build) {
    build.onLoad({ filter: /tabler\.css$/ }, ({ path }) => ({
      contents: darkByPreference(readFileSync(path, 'utf8')),
      loader: 'css',
    }));
  },
};

async function bundle(entry) {
  const built = await esbuild.build({
    entryPoints: [entry],
    absWorkingDir: here,
    nodePaths: [join(modules, 'node_modules')],
    plugins: [darkness],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    charset: 'utf8',
    legalComments: 'none',
    target: 'es2022',
  });
  return Buffer.from(built.outputFiles[0].contents);
}

function put(name, bytes) {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const hashed = `${basename(name, extname(name))}-${digest}${extname(name)}`;
  writeFileSync(join(output, hashed), bytes);
  if (extname(name) !== '.png') {
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    writeFileSync(join(output, `${hashed}.br`), brotliCompressSync(bytes, { params }));
    writeFileSync(join(output, `${hashed}.gz`), gzipSync(bytes, { level: 9 }));
  }
  return hashed;
}

mkdirSync(output, { recursive: true });
const manifest = {};
for (const entry of entries) {
  manifest[basename(entry)] = put(basename(entry), await bundle(entry));
}
for (const name of readdirSync(join(here, 'pictures')).sort()) {
  manifest[name] = put(name, readFileSync(join(here, 'pictures', name)));
}
for (const path of FONTS) {
  const font = join(modules, 'node_modules', '@expo-google-fonts', 'noto-sans', path);
  writeFileSync(join(output, basename(path)), readFileSync(font));
}
writeFileSync(join(output, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
