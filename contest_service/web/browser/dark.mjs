// Tabler is dark where an attribute says so, which needs a script. Here what the visitor prefers
// decides: every rule for that attribute moves, where it stands, into a media query.

const DARK = '[data-bs-theme=dark]';
const NESTED = 'body[data-bs-theme=dark] [data-bs-theme=light]';

export function darkByPreference(css) {
  return css.replace(/([^{}]+)\{([^{}]*)\}/g, (rule, selectors, body) => {
    if (!selectors.includes(DARK)) return rule;
    const chosen = selectors
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .split(/,(?![^()]*\))/)
      .map((each) => each.trim())
      .filter((each) => each && !each.includes(NESTED) && !each.includes(':not('))
      .map((each) => each.replace(`:root${DARK}`, ':root').replace(DARK, ':root'))
      .map((each) => each.replace(/^(\.navbar):root/, ':root $1'));
    return chosen.length
      ? `\n@media (prefers-color-scheme: dark) {\n${chosen.join(',\n')} {${body}}\n}`
      : '';
  });
}
