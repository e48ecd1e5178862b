// What a person brings: the contest's files, and what belongs to it.

import { html } from './dom.js';
import { shown } from './words.js';

const MOST_NAMED = 4;

/** Name files as a folder has them: by their path in it, where a whole folder was chosen. */
export const namedFiles = (files) =>
  [...files].map((file) => ({
    name: file.webkitRelativePath ? file.webkitRelativePath.replace(/^[^/]*\//, '') : file.name,
    file,
  }));

/** Whether files are being dragged, and not a text. */
export const bringsFiles = (event) => event.dataTransfer.types.includes('Files');

/** A file's control. `take` is given the files that were chosen, at least one. */
export function fileInput(words, name, take, attributes = {}) {
  const input = html('input', {
    type: 'file',
    id: `file-${name}`,
    onchange: (event) => event.target.files.length > 0 && take(event.target.files),
    ...attributes,
  });
  const text = words.say(attributes.webkitdirectory ? 'chooseFolder' : 'choose');
  return html(
    'span',
    { class: 'file' },
    input,
    html('span', { class: 'file-button', 'aria-hidden': 'true' }, text),
  );
}

function chosen(words, bundle) {
  if (bundle === null) return null;
  const names = bundle.map(({ name }) => shown(name)).join(', ');
  const text =
    bundle.length > MOST_NAMED
      ? words.say('chosenMany', { count: bundle.length })
      : words.say('chosen', { name: names });
  return html('span', { class: 'chosen' }, text);
}

function extra(words, name, { files, choose }) {
  return html(
    'label',
    { class: 'field' },
    html('span', {}, words.say(name)),
    fileInput(words, name, ([file]) => choose(name, file)),
    files[name]
      ? html('span', { class: 'small' }, words.say('chosen', { name: shown(files[name].name) }))
      : null,
  );
}

function practice(words, { files, choose }) {
  const box = html('input', {
    type: 'checkbox',
    id: 'practice',
    checked: files.practice,
    onchange: (event) => choose('practice', event.target.checked),
  });
  return html(
    'p',
    { class: 'practice' },
    box,
    html('label', { for: 'practice' }, words.say('practice')),
    html('span', { class: 'small' }, words.say('practiceHint')),
  );
}

/** The section with all controls. `state` has the `files` chosen so far, and `choose(name, value)`. */
export function chooserOf(words, state) {
  const { files, choose } = state;
  const take = (taken) => choose('bundle', namedFiles(taken));
  return html(
    'section',
    { class: 'chooser' },
    html(
      'label',
      { class: 'drop' },
      html('strong', {}, words.say('drop')),
      html('span', { class: 'small' }, words.say('dropSeveral')),
      chosen(words, files.bundle),
      fileInput(words, 'zip', take, { multiple: true }),
    ),
    practice(words, state),
    html(
      'details',
      { open: Boolean(files.trust || files.receipt) },
      html('summary', {}, words.say('more')),
      extra(words, 'receipt', state),
      extra(words, 'trust', state),
      html(
        'label',
        { class: 'field' },
        html('span', {}, words.say('folder')),
        fileInput(words, 'folder', take, { webkitdirectory: true }),
      ),
    ),
  );
}
