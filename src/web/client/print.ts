/** Buttons that print the page, or copy a text of it: shown where there is a script to press them with. */
for (const button of document.querySelectorAll<HTMLButtonElement>('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}

for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => void copy(button.dataset['copy'] ?? ''));
}

/** Copy an element's text, and say so; where the browser does not let us, the text is marked, to be copied by hand. */
async function copy(id: string): Promise<void> {
  const element = document.getElementById(id);
  if (element === null) {
    return;
  }
  try {
    await navigator.clipboard.writeText(element.textContent ?? '');
    const status = document.querySelector<HTMLElement>('[data-copied]');
    if (status !== null) {
      status.textContent = status.dataset['copied'] ?? '';
    }
  } catch {
    window.getSelection()?.selectAllChildren(element);
  }
}
