/** Says what came of an action in its card, or in the first card that is shown. Screen readers hear it. */
export function tell(card, message, isBad) {
  const places = [...document.querySelectorAll('.card > [role=status]')];
  for (const each of places) each.textContent = '';
  const own = card.querySelector(':scope > [role=status]');
  const place = [own, ...places].find((each) => each?.checkVisibility());
  // Later: screen readers hear a text that changes, but not one that has only just become visible.
  setTimeout(() => {
    place.textContent = message;
    place.classList.toggle('bad', isBad);
  }, 50);
}
