/// <reference types="vite/client" />
import type { Bridge } from '../contract/bridge.ts';

declare global {
  interface Window {
    /** Present in the desktop window only. */
    readonly acclimate?: Bridge;
  }
}
