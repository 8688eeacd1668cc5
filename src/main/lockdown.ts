import type { App, Session, WebContents } from 'electron';
import { pageOrigin } from './scheme.ts';

/** Chromium's own traffic off; names resolve nowhere. Must run before the app is ready. */
export function closeNetwork({ commandLine }: Pick<App, 'commandLine'>): void {
  const switches: readonly (readonly [string, string?])[] = [
    ['disable-background-networking'],
    ['disable-component-update'],
    ['disable-domain-reliability'],
    ['disable-sync'],
    ['no-pings'],
    ['no-proxy-server'],
    ['host-resolver-rules', 'MAP * ~NOTFOUND'],
    [
      'disable-features',
      'OptimizationHints,MediaRouter,AutofillServerCommunication,CertificateTransparencyComponentUpdater',
    ],
  ];
  for (const [name, value] of switches) commandLine.appendSwitch(name, value);
}

/** No permission but two, no dictionary download, no download, and no request but for the page itself; the rest is told. */
export function lockSession(session: Session, onBlocked: () => void): void {
  // What F11 and [Copy] of the page itself need; nothing that reads, and nothing for a page of others.
  const isHarmless = (permission: string, url: string): boolean =>
    ['fullscreen', 'clipboard-sanitized-write'].includes(permission) &&
    (url === pageOrigin || url.startsWith(`${pageOrigin}/`));
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(isHarmless(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isHarmless(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const isOurs = /^(?:acclimate:\/\/app\/|blob:acclimate:\/\/app\/|devtools:)/.test(url);
    if (!isOurs) onBlocked();
    answer({ cancel: !isOurs });
  });
}

/** The page stays where it is: no navigation, no new window, no embedded page. */
export function lockContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    if (!event.url.startsWith(`${pageOrigin}/`)) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.url.startsWith(`${pageOrigin}/`)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
