import chromium from '@sparticuz/chromium';
import { chromium as driver, type Browser, type Page } from 'playwright-core';

/** A headless Chromium that comes with its package; its own traffic is off. */
export async function openBrowser(): Promise<Browser> {
  return driver.launch({
    executablePath: await chromium.executablePath(),
    // Not the package's own arguments: they switch off the security the page relies on.
    args: [
      '--headless=shell',
      '--no-sandbox',
      '--no-zygote',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-pings',
    ],
  });
}

export interface Watch {
  /** Requests that would leave this computer. */
  readonly outside: string[];
  /** What the page's policy or the page itself complained about. */
  readonly complaints: string[];
}

/** Notes every request and every complaint of a page. */
export function watch(page: Page): Watch {
  const seen: Watch = { outside: [], complaints: [] };
  const isHere = (url: string): boolean => /^(?:https?|wss?):\/\/127\.0\.0\.1:|^(?:data|blob|acclimate):/.test(url);
  page.on('request', (request) => {
    if (!isHere(request.url())) seen.outside.push(request.url());
  });
  page.on('websocket', (socket) => {
    if (!isHere(socket.url())) seen.outside.push(socket.url());
  });
  page.on('pageerror', (error) => seen.complaints.push(error.message));
  // What draws by software reads back what was drawn, and the browser remarks that this is slow.
  const isOfDriver = (text: string): boolean => /GL Driver Message \(OpenGL, Performance,/.test(text);
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || isOfDriver(message.text())) return;
    seen.complaints.push(message.text());
  });
  return seen;
}
