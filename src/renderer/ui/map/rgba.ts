const drawn = new Map<string, readonly [number, number, number]>();

/** Red, green and blue of a colour token as it stands at an element: the browser itself knows every notation. */
export function rgbAt(element: Element, token: string): readonly [number, number, number] {
  const colour = getComputedStyle(element).getPropertyValue(token).trim();
  const known = drawn.get(colour);
  if (known) return known;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [1, 1];
  const context = canvas.getContext('2d');
  if (!context) return [128, 128, 128];
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0] = context.getImageData(0, 0, 1, 1).data;
  drawn.set(colour, [r, g, b]);
  return [r, g, b];
}
