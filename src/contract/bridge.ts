/** What the desktop window adds to the page; a browser has none of it. */
export interface Bridge {
  /** Lets the user choose a folder with the system's own dialog; null when they leave it. */
  pickFolder(): Promise<string | null>;
  /** Asks for a port to core; it arrives as a window message with this text as its data. */
  requestPort(): void;
}

export const portMessage = 'acclimate:port';
