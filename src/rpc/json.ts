/** Bytes in JSON: an object with this one field, in base64. */
const BYTES = '$bytes';
/** Of how many bytes at a time a text is made; a call takes no more arguments than this safely. */
const CHUNK = 0x8000;

function encode(bytes: Uint8Array): string {
  // The page has no Buffer.
  if (typeof Buffer === 'function')
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(binary);
}

function decode(text: string): Uint8Array {
  if (typeof Buffer === 'function') return new Uint8Array(Buffer.from(text, 'base64'));
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** A frame as JSON text. `Buffer` has a `toJSON` of its own that runs first, so the value is read from its holder. */
export function toText(frame: object): string {
  return JSON.stringify(frame, function (this: Record<string, unknown>, key: string, value: unknown): unknown {
    const held = this[key];
    return held instanceof Uint8Array ? { [BYTES]: encode(held) } : value;
  });
}

/** The frame of a JSON text; text that is none becomes `undefined`, which no schema of frames accepts. */
export function fromText(text: unknown): unknown {
  try {
    return JSON.parse(String(text), (_key, value: unknown) => {
      if (typeof value !== 'object' || value === null || !(BYTES in value)) return value;
      return typeof value[BYTES] === 'string' && Object.keys(value).length === 1 ? decode(value[BYTES]) : value;
    });
  } catch {
    return undefined;
  }
}
