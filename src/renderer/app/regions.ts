const canHaveFocus = '[tabindex="0"], button, a[href], input, select, textarea';

/** Moves the focus to the next or previous part of the window marked `data-region` (F6); parts without anything to reach are passed. */
export function moveRegion(step: 1 | -1): void {
  const regions = [...document.querySelectorAll<HTMLElement>('[data-region]')];
  // Of parts within parts, the innermost.
  const at = regions.findLastIndex((region) => region.contains(document.activeElement));
  for (let passed = 1; passed <= regions.length; passed++) {
    const region = regions[(at + step * passed + 2 * regions.length) % regions.length]!;
    const target = [region, ...region.querySelectorAll<HTMLElement>(canHaveFocus)].find(
      // What lies in a part of this part is that one's.
      (each) => each.tabIndex >= 0 && each.checkVisibility() && each.closest('[data-region]') === region,
    );
    target?.focus();
    if (target && document.activeElement === target) return;
  }
}
