/** As long as systems wait for the second press of a double one, in ms. */
const DOUBLE = 500;

/** What closes under a press must not leave the second half of a double press to whatever lies beneath it. */
export function absorbSecondPress(): void {
  const absorb = (event: MouseEvent) => {
    if (event.detail < 2) return;
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener('click', absorb, true);
  setTimeout(() => {
    window.removeEventListener('click', absorb, true);
  }, DOUBLE);
}
