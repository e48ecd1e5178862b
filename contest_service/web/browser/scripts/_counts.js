// How much of a field's limit is used, told while somebody types. The server counts again.

/** Write beside every field of a form that counts how many characters there are, of how many. */
export function countCharacters(root = document) {
  for (const field of root.querySelectorAll('form[data-counted] [maxlength]')) {
    if (field.dataset.counting || field.maxLength < 100) continue;
    field.dataset.counting = 'yes';
    const count = document.createElement('span');
    count.className = 'count';
    const tell = () => {
      count.textContent = `${[...field.value].length} / ${field.maxLength}`;
    };
    field.after(count);
    field.addEventListener('input', tell);
    tell();
  }
}
