/** Moves the focus to the next or previous part of the window marked `data-region` (F6). */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')].filter(
    (region) => region.offsetParent !== null,
  );
  if (regions.length === 0) return;
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + step + regions.length) % regions.length]!;
  const inside = next.querySelector<HTMLElement>('[tabindex="0"], button, a[href], input, select, textarea');
  (inside ?? next).focus();
}
