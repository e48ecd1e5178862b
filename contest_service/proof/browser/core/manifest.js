// The list of a bundle's files (specification, section 8.2).

import { parse } from './canonical.js';
import { hex } from './bytes.js';
import { demandForm, isDigest, isInteger, isText, listOf, shape } from './form.js';
import { demand } from './refusal.js';

const NAME = 'manifest.json';
const isManifest = shape({
  v: isText,
  format: isInteger,
  edition: isText,
  contest: isText,
  files: listOf(shape({ name: isText, size: isInteger, sha256: isDigest })),
});
/** Files of any length that are read line by line, or not at all, and so are never kept whole. */
const isPassing = (name) => /\.jsonl$|^README|^verify/.test(name);

function checkListed(container, files) {
  let before = '';
  for (const { name } of files) {
    demand(name > before, 'manifest-order', NAME);
    demand(name !== NAME && container.has(name), 'file-missing', NAME);
    before = name;
  }
  demand(files.length === container.names().length - 1, 'file-unlisted', NAME);
}

/** Check the manifest against the files; return it. `advance` is told the bytes that were read. */
export function checkManifest(container, advance) {
  const manifest = parse(container.load(NAME).bytes, NAME);
  demandForm(isManifest, manifest, NAME);
  demand(manifest.v === 'drawproof/1', 'version', NAME);
  demand(manifest.format === 1 || manifest.format === 2, 'format', NAME);
  demand(manifest.edition === 'public' || manifest.edition === 'dispute', 'edition', NAME);
  checkListed(container, manifest.files);
  for (const name of container.names()) {
    const hasProofs = name.startsWith('log/') || name.startsWith('evidence/');
    demand(!hasProofs || manifest.format === 2, 'name', name);
    demand(!name.startsWith('dispute/') || manifest.edition === 'dispute', 'name', name);
  }
  for (const { name, size, sha256 } of manifest.files) {
    demand(container.size(name) === size, 'file-changed', name);
    const digest = isPassing(name) ? container.digest(name) : container.load(name).sha256;
    demand(hex(digest) === sha256, 'file-changed', name);
    advance(size);
  }
  return manifest;
}
