/** Asking for a picture takes the browser a tenth of a millisecond or more: a frame has this much for it. */
const frameMs = 1;

/**
 * Pictures that tiles wait for. As many are asked for in a frame as there is time for, in the order they were put here,
 * so that a screen of new tiles does not hold up the frame that shows it.
 */
export class PictureQueue {
  readonly #waiting = new Map<HTMLImageElement, string>();
  #frame = 0;

  /** An element that asks here. */
  make(): HTMLImageElement {
    const image = document.createElement('img');
    image.alt = '';
    image.decoding = 'async';
    image.draggable = false;
    image.addEventListener('load', () => {
      // Word of a picture before this one may come late.
      if (image.complete && !this.#waiting.has(image)) image.classList.add('loaded');
    });
    return image;
  }

  /** The element shows nothing until this picture is there (class `loaded`). */
  put(image: HTMLImageElement, url: string): void {
    this.letGo(image);
    this.#waiting.set(image, url);
  }

  /**
   * Takes the picture off an element. One that came stays where it is, unseen, until there is another: the browser
   * makes an element without any anew. One that did not come yet is not waited for.
   */
  letGo(image: HTMLImageElement): void {
    this.#waiting.delete(image);
    image.classList.remove('loaded');
    if (!image.complete) image.removeAttribute('src');
  }

  /** Asks for what there is time for in this frame, and for the others in the frames that follow. */
  async drain(): Promise<void> {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const end = performance.now() + frameMs;
    for (const [image, url] of this.#waiting) {
      this.#waiting.delete(image);
      // The same picture again comes without a load; one that failed is asked for anew.
      if (image.getAttribute('src') === url && image.complete && image.naturalWidth > 0) image.classList.add('loaded');
      else image.src = url;
      // The browser begins the load when the script is done, and only that takes time.
      await null;
      if (performance.now() > end) break;
    }
    if (this.#waiting.size > 0 && this.#frame === 0) this.#frame = requestAnimationFrame(() => void this.drain());
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#waiting.clear();
  }
}
